import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFingerprint } from '../../../../../src/kit/migrate/fingerprint.ts'
import { checkMigrations } from '../../../../../src/kit/migrate/command/check-migrations.ts'
import { readMigrations } from '../../../../../src/kit/migrate/read-migrations.ts'
import { createCheckFolder, type CheckFolder } from './check-folder.ts'

interface Journal {
  entries: { idx: number; when: number; tag: string; version: string; breakpoints: boolean }[]
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** The migrations of this repository, committed on main, with a branch checked out. */
function openBranch(): CheckFolder {
  const folder = createCheckFolder()
  cpSync('migrations', folder.path, { recursive: true })
  folder.commit('base')
  folder.git('switch', '--create', 'feature')
  return folder
}

/** Adds a custom migration, as `drizzle-kit generate --custom` does: the snapshot changes only its ids. */
function addMigration(folder: CheckFolder, sql: string): void {
  const path = join(folder.path, 'meta', '_journal.json')
  const journal = readJson(path) as Journal
  const last = journal.entries.at(-1)
  const idx = journal.entries.length
  const snapshotOf = (tag: string): string => join(folder.path, 'meta', `${tag.slice(0, 4)}_snapshot.json`)
  const tag = `${String(idx).padStart(4, '0')}_custom`
  const snapshot = readJson(snapshotOf(last?.tag ?? '')) as { id: string }
  writeFileSync(
    snapshotOf(tag),
    JSON.stringify({ ...snapshot, id: '00000000-0000-4000-8000-000000000001', prevId: snapshot.id }),
  )
  journal.entries.push({ version: '7', breakpoints: true, idx, tag, when: (last?.when ?? 0) + 1 })
  writeFileSync(path, JSON.stringify(journal, null, 2))
  folder.put(`${tag}.sql`, sql)
}

describe('checkMigrations', { timeout: 30_000 }, () => {
  it('is content with files that are in order, and says which it judged', async () => {
    const folder = openBranch()

    const { exit, text } = await checkMigrations({ folder: folder.path })

    expect(exit).toBe('ok')
    expect(text).toMatch(/^judged 1 migration file, all of them: .*\nthe migrations are in order$/)
  })

  it('names a change of type as one that the rehearsal has to judge', async () => {
    const folder = openBranch()
    addMigration(folder, 'ALTER TABLE "session" ALTER COLUMN "user_agent" TYPE varchar(32000);')

    const { text } = await checkMigrations({ folder: folder.path })

    expect(text).not.toContain('change-column-type')
    expect(text).toMatch(
      /to rehearse: .*0001_custom\.sql:1 user_agent: the server alone knows[^\n]*\n {2}hint: run `make rehearse`/,
    )
  })

  it('refuses dangerous SQL that is merged and pushed', async () => {
    const folder = openBranch()
    folder.git('switch', 'main')
    folder.git('tag', 'v1.0.0')
    addMigration(folder, 'DROP TABLE "idempotency_keys";')
    folder.commit('merged')
    folder.git('update-ref', 'refs/remotes/origin/main', 'HEAD')

    const { text } = await checkMigrations({ folder: folder.path })

    expect(text).toContain('drop-table')
    expect(text).toContain('judged 1 migration file, new since v1.0.0')
  })

  it('judges nothing where the named base is what is checked out, and says so by its exit', async () => {
    const folder = openBranch()

    const { exit, text } = await checkMigrations({ folder: folder.path, base: 'main' })

    expect([exit, text.split('\n')[0]]).toEqual([
      'not_judged',
      'nothing was judged: the base is the commit that is checked out',
    ])
  })

  it('reports an edited file as edited', async () => {
    const folder = openBranch()
    const { entries } = readJson(join(folder.path, 'meta', '_journal.json')) as Journal
    folder.put(`${entries[0]?.tag ?? ''}.sql`, 'SELECT 1;')

    expect(await checkMigrations({ folder: folder.path })).toMatchObject({ exit: 'edited' })
  })

  it('refuses dangerous SQL in a new file, and a fingerprint that was not made again', async () => {
    const folder = openBranch()
    addMigration(folder, 'DROP TABLE "idempotency_keys";')

    const { json, text } = await checkMigrations({ folder: folder.path })

    const faults = json['faults'] as { exit: string }[]
    expect(faults.map((fault) => fault.exit)).toEqual(
      expect.arrayContaining(['usage', 'unsafe_migration']) as unknown,
    )
    expect(text).toContain('fingerprint.json was made from other migrations')
  })

  it('refuses a function for which no backup would restore', async () => {
    const folder = openBranch()
    const fresh = makeFingerprint(
      readMigrations(folder.path),
      [],
      [{ routine: 'public.slug(text)', usedBy: 'index public.folded', reason: 'it names tidy' }],
    )
    folder.put('fingerprint.json', JSON.stringify(fresh))

    const { exit, text } = await checkMigrations({ folder: folder.path })

    expect(exit).toBe('unsafe_migration')
    expect(text).toMatch(
      /index public\.folded uses public\.slug\(text\), .*\n {2}hint: .* SET search_path = public/,
    )
  })

  it('does not go on with a folder that cannot be read', async () => {
    const folder = openBranch()
    folder.put('meta/_journal.json', '<<<<<<< HEAD')

    const { exit, json } = await checkMigrations({ folder: folder.path })

    expect([exit, (json['faults'] as unknown[]).length]).toEqual(['usage', 1])
  })
})
