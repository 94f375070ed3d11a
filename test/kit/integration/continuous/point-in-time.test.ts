import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { afterBase } from './after-base.ts'
import { emptyFolder, openArchivedServer, type ArchivedServer } from './archived-server.ts'
import { archiveNow } from './archive-now.ts'
import { readRestored } from './read-restored.ts'
import { continuousTools } from './tools.ts'

let server: ArchivedServer

/** Numbers of the rows that a restore brings, or what its exit code was. */
async function restored(...args: string[]): Promise<number[] | string> {
  const folder = await emptyFolder(server, 'restored')
  const ended = await server.backup(['moment', ...args], { BACKUP_DATA_FOLDER: folder })
  if (ended.code !== 0) return `${ended.code}: ${ended.stderr}`
  const rows = await readRestored(
    server,
    folder,
    (sql) => sql<{ i: number }[]>`select i from steps order by i`,
  )
  return rows.map(({ i }) => i)
}

describe.skipIf(continuousTools === undefined)('a moment', () => {
  const moments: string[] = []
  let beforeAllOfIt = ''

  beforeAll(async () => {
    server = await openArchivedServer()
    const sql = server.connect()
    const [first] = await sql<{ at: string }[]>`select now()::text as at`
    beforeAllOfIt = first?.at ?? ''
    await sql`create table steps (i int)`
    expect(await server.backup(['base', '--full'])).toMatchObject({ code: 0 })
    await afterBase()
    for (const i of [1, 2, 3]) {
      await sql`insert into steps values (${i})`
      const [row] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`
      moments.push(row?.at ?? '')
      if (i === 2) expect(await server.backup(['restore-point', 'before-three'])).toMatchObject({ code: 0 })
    }
    await archiveNow(server, sql)
    await sql.end()
  }, 60_000)
  afterAll(() => server.close())

  it('in time › brings what was committed before it and nothing else', async () => {
    expect(await restored('--at', moments[0] ?? '')).toEqual([1])
    expect(await restored('--at', moments[1] ?? '')).toEqual([1, 2])
  })

  it('latest › brings everything', async () => {
    expect(await restored('--at', 'latest')).toEqual([1, 2, 3])
  })

  it('by name › brings what was there when it was named', async () => {
    expect(await restored('--name', 'before-three')).toEqual([1, 2])
  })

  it('before the first base backup › is refused, with what can be had', async () => {
    expect(await restored('--at', beforeAllOfIt)).toMatch(/^53: error: .* lies before the oldest base backup/)
  })

  it('in the future › is refused, with the range', async () => {
    expect(await restored('--at', '2099-01-01 00:00:00+00')).toMatch(
      /^53: error: 2099-01-01 00:00:00\+00 is not in the archive yet: it reaches from .* to /,
    )
  })

  it('after the last commit › is refused once recovery knows, and names that commit', async () => {
    const sql = server.connect()
    await sql`create table bulk as select i from generate_series(1, 20000) i`
    const [row] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`
    // A segment that comes into the archive later and in which nothing is committed.
    await sql`select pg_create_restore_point('no commit')`
    await archiveNow(server, sql, { isCommitted: false })
    await sql.end()

    expect(await restored('--at', row?.at ?? '')).toMatch(
      /^53: error: no transaction was committed after that moment: the last in the archive is of 20/,
    )
  })

  it('of an unknown name, without a zone, into a folder that holds something › is refused', async () => {
    expect(await restored('--name', 'nobody')).toMatch(/^53: error: there is no restore point named nobody/)
    expect(await restored('--at', '2026-11-22 09:00:00')).toMatch(
      /^2: error: expected a moment with its time zone/,
    )
    const ended = await server.backup(['moment', '--at', 'latest'])
    expect(ended.code).toBe(54)
    expect(ended.stderr).toContain('is not empty')
  })

  it('with another key › is refused with the code for keys', async () => {
    const ended = await server.backup(['moment', '--at', 'latest', '--dry-run'], {
      ARCHIVE_SECRETS: await server.otherKey(),
    })

    expect(ended.code, ended.stderr).toBe(55)
    expect(ended.stderr).toMatch(/^error: repo1 of the archive cannot be read with this key\nhint: /)
  })

  it('after a restore that was undone › is found on the timeline that goes on', async () => {
    const sql = server.connect()
    // What a restore to a moment leaves in the archive: a timeline that began before the base backups of now.
    const left = `${server.dataFolder}/pg_wal/00000002.history`
    const ready = `${server.dataFolder}/pg_wal/archive_status/00000002.history.ready`
    await sql.unsafe(
      `COPY (SELECT 1) TO PROGRAM $$cat >/dev/null; printf '1\\t0/3000060\\tleft\\n' >'${left}'; touch '${ready}'$$`,
    )
    await archiveNow(server, sql)
    expect(
      await sql`select name from pg_ls_archive_statusdir() where name = '00000002.history.done'`,
    ).toHaveLength(1)
    expect(await server.backup(['base', '--full'])).toMatchObject({ code: 0 })
    await afterBase()
    await sql`insert into steps values (4)`
    await archiveNow(server, sql)
    await sql.end()

    expect(await restored('--at', 'latest')).toEqual([1, 2, 3, 4])
  })
})
