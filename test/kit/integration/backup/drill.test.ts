import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { provisionRoles } from '../../../../src/kit/postgres/provision-roles.ts'
import { changeManifest, openDrillFixture, swapDump, type DrillFixture } from './drill-fixture.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'

const table = '"Tab le.""x"""'

describe.skipIf(postgresTools === undefined)('backup drill', { timeout: 90_000 }, () => {
  let at: DrillFixture

  /** Fails as a drill does: exit code, note, no proof, and nothing left behind. */
  const refused = async (name: string, sentence: string | RegExp): Promise<Record<string, unknown>> => {
    const ended = await at.drill()
    expect(ended.stderr).toMatch(sentence)
    expect(ended.code).toBe(57)
    expect(await readdir(join(at.folder, name))).not.toContain('proof.json')
    expect(at.leftovers()).toEqual([])
    const note = await at.json('state', 'last-drill-portable.json')
    expect(note).toMatchObject({ ok: false, subject: name })
    return note
  }

  beforeAll(async () => {
    at = await openDrillFixture(postgresTools ?? '', `dr il"l' %é`)
  })
  afterAll(() => at.close())
  beforeEach(async () => {
    await at.sql('postgres', `drop table if exists ${table}`)
    await at.sql(
      'migrator',
      `create table ${table} (id int generated always as identity primary key, note text, created_at timestamptz)`,
    )
    await at.sql(
      'migrator',
      `insert into ${table} (note, created_at) values ('💾 50% ''q''', '2026-01-02T03:04:05Z'), (null, null)`,
    )
  })

  it('proves the newest backup: restored, compared, and the API ready on it', async () => {
    const name = await at.create()

    const ended = await at.drill()

    expect(ended, at.service.log()).toMatchObject({ code: 0 })
    expect(ended.stdout).toMatch(new RegExp(`^proven: portable backup ${name} \\(RTO `))
    const proof = await at.json(name, 'proof.json')
    expect(proof).toMatchObject({
      ok: true,
      kind: 'portable',
      subject: name,
      newestRowAt: '2026-01-02T03:04:05.000Z',
    })
    expect(await readFile(join(at.folder, String(proof['report'])), 'utf8')).toContain(
      `proven: portable backup ${name}`,
    )
    const note = await at.json('state', 'last-drill-portable.json')
    expect(note).toMatchObject({ ok: true, subject: name, differences: [] })
    expect((note['steps'] as { name: string }[]).map((step) => step.name)).toEqual([
      'server',
      'restore',
      'compare',
      'analyze',
      'migrate',
      'api',
    ])
    expect(at.leftovers()).toEqual([])
  })

  it('leaves the files of the backup as they were', async () => {
    const name = await at.create()
    await at.drill()

    const ended = await at.verify(name)

    expect(ended).toMatchObject({ code: 0 })
  })

  it('finds a row that is missing', async () => {
    const whole = await at.create()
    await at.sql('migrator', `delete from ${table} where note is null`)
    const less = await at.create()
    await swapDump(at.folder, less, whole)

    const ended = await at.drill([whole])

    expect(ended).toMatchObject({ code: 57 })
    expect(ended.stderr).toContain('public.Tab le."x" has 1 rows instead of 2')
  })

  it('finds a sequence that would give out a number again', async () => {
    const before = await at.create()
    await at.sql(
      'migrator',
      `insert into ${table} (note) values ('third'); delete from ${table} where note = 'third'`,
    )
    const name = await at.create()
    await swapDump(at.folder, before, name)

    const note = await refused(name, /sequence public\.Tab le\."x"_id_seq is at 2 instead of 3/)

    expect(note).toMatchObject({ fault: 'verification_failed' })
  })

  it('finds an extension and a migration that the manifest does not know', async () => {
    const name = await at.create()
    await changeManifest(at.folder, name, (manifest) => ({
      ...manifest,
      migrations: manifest.migrations.slice(1),
      database: { ...manifest.database, extensions: [{ name: 'hstore', version: '1.8' }] },
    }))

    const note = await refused(name, /is not what was backed up/)

    expect(note['differences']).toEqual([
      'extension hstore 1.8 is missing',
      'extension plpgsql 1.0 is not in the manifest',
      expect.stringMatching(/^migration \d+ [0-9a-f]+ is not in the manifest$/),
    ])
  })

  it('finds that the API may no longer read what it needs', async () => {
    await at.sql('postgres', 'revoke usage on schema drizzle from app')
    const name = await at.create()
    await at.sql('postgres', 'grant usage on schema drizzle to app')

    await refused(name, /the API is not ready on the restored database/)
  })

  it('finds that role app may change the schema', async () => {
    await at.sql('postgres', 'grant create on schema public to app')
    const name = await at.create()
    await at.sql('postgres', 'revoke create on schema public from app')

    await refused(name, /role app is not kept from 'create table public\.slipway_drill_probe \(\)' \(done\)/)
  })

  it('applies the migrations of this release to a backup that is older', async () => {
    await at.sql('postgres', 'create database older')
    const older = openClient(at.server.urlFor('postgres', 'older'))
    await provisionRoles(older, await readFile('ops/postgres/roles.sql', 'utf8'), at.server.passwords)
    await older.end({ timeout: 5 })
    const name = await at.create({ DATABASE_URL: at.server.urlFor('backup', 'older') })

    const ended = await at.drill([name])

    expect(ended, at.service.log()).toMatchObject({ code: 0 })
    const note = await at.json('state', 'last-drill-portable.json')
    // The journal of the migrations, which roles.sql makes; it is empty.
    expect(note).toMatchObject({ ok: true, comparedTables: 1 })
    expect(note['migrationsApplied']).toBeGreaterThan(0)
  })
})
