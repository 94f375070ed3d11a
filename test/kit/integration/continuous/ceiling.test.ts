import { chmod, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'
import { archiveNow } from './archive-now.ts'
import { emptyFolder, openArchivedServer, type ArchivedServer } from './archived-server.ts'
import { continuousTools } from './tools.ts'

const ceilingMb = 96

let server: ArchivedServer

async function walMebibytes(): Promise<number> {
  return (
    (await readdir(join(server.dataFolder, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name)).length *
    16
  )
}

async function now(): Promise<string> {
  const sql = server.connect()
  const [row] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`
  await sql.end()
  return row?.at ?? ''
}

describe.skipIf(continuousTools === undefined)('a repository that takes nothing', () => {
  beforeAll(async () => {
    server = await openArchivedServer({
      environment: { ARCHIVE_WAL_CEILING_MB: String(ceilingMb) },
      parameters: { max_wal_size: '32MB', min_wal_size: '32MB' },
    })
    expect(await server.backup(['base', '--full'])).toMatchObject({ code: 0 })
  }, 60_000)
  afterAll(() => server.close())

  it('never stops a write, leaves a mark, and a new base backup heals it', async () => {
    const sql = server.connect()
    await sql`create table filler (t text)`
    const folder = join(server.repository, 'archive/slipway/17-1')
    await archiveNow(server, sql)
    await chmod(folder, 0o500)
    for (const name of await readdir(folder)) if (!name.includes('.')) await chmod(join(folder, name), 0o500)

    let largest = 0
    for (let written = 0; written < 40; written += 1) {
      await sql`insert into filler select string_agg(md5(random()::text), '') from generate_series(1, 250000)`
      await sql`select pg_switch_wal()`
      largest = Math.max(largest, await walMebibytes())
    }
    const inTheGap = await now()

    const mark = await until('the mark of the gap', () =>
      readFile(join(server.dataFolder, 'pg_wal/slipway_gap_repo1'), 'utf8').catch(() => undefined),
    )
    expect(mark).toMatch(/^[0-9A-F]{24} 20.*\n[0-9A-F]{24} 20/)
    process.stdout.write(`largest pg_wal ${largest} MiB with a ceiling of ${ceilingMb} MiB\n`)
    // What was given up goes with the checkpoint that follows, and the writes go on meanwhile, as fast as the disk takes them.
    expect(largest).toBeLessThanOrEqual(2 * ceilingMb)

    await chmod(folder, 0o700)
    for (const name of await readdir(folder)) if (!name.includes('.')) await chmod(join(folder, name), 0o700)
    await archiveNow(server, sql)
    const restored = await emptyFolder(server, 'restored')
    const refused = await server.backup(['moment', '--at', inTheGap], { BACKUP_DATA_FOLDER: restored })
    expect(refused.code, refused.stderr).toBe(53)
    expect(refused.stderr).toMatch(
      /^error: the archive has a gap after .*, and .* lies behind it\nhint: what can be had is /,
    )

    expect(await server.backup(['base', '--full'])).toMatchObject({ code: 0 })
    await sql`insert into filler values ('after')`
    await archiveNow(server, sql)
    await sql.end()
    const again = await emptyFolder(server, 'restored')
    const ended = await server.backup(['moment', '--at', 'latest'], { BACKUP_DATA_FOLDER: again })
    expect(ended, ended.stderr).toMatchObject({ code: 0 })
  }, 240_000)
})
