import { readdir, rm } from 'node:fs/promises'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openS3Server, type S3Server } from '../../support/s3-server.ts'
import { until } from '../../support/until.ts'
import { afterBase } from './after-base.ts'
import { archiveNow } from './archive-now.ts'
import { emptyFolder, openArchivedServer, type ArchivedServer } from './archived-server.ts'
import { metricsWhen, segmentsOf } from './look-at-archive.ts'
import { readRestored } from './read-restored.ts'
import { continuousTools } from './tools.ts'

let storage: S3Server
let server: ArchivedServer
let sql: Sql

async function segmentsHere(): Promise<string[]> {
  return segmentsOf(await readdir(server.repository, { recursive: true }))
}
async function segmentsThere(): Promise<string[]> {
  return segmentsOf(await storage.objectFiles())
}

/** Ends the segment at work; returns its name. */
async function endSegment(): Promise<string> {
  await sql`select pg_current_xact_id()`
  const [row] = await sql<{ segment: string }[]>`select pg_walfile_name(pg_switch_wal()) as segment`
  return row?.segment ?? ''
}

async function restored(...args: string[]): Promise<number[]> {
  const folder = await emptyFolder(server, 'restored')
  const ended = await server.backup(['moment', ...args], { BACKUP_DATA_FOLDER: folder })
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
  const rows = await readRestored(
    server,
    folder,
    (own) => own<{ i: number }[]>`select i from steps order by i`,
  )
  return rows.map(({ i }) => i)
}

describe.skipIf(continuousTools === undefined)('a second repository off-site', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    storage = await openS3Server({ tools: continuousTools?.engine ?? '' })
    server = await openArchivedServer({ offsite: storage })
    sql = server.connect()
    await sql`create table steps (i int)`
  }, 60_000)
  afterAll(async () => {
    await sql.end()
    await server.close()
    await storage.close()
  })

  it('gets every segment and every base backup, as the one beside the backups does', async () => {
    const base = await server.backup(['base', '--full'])
    await sql`insert into steps values (1)`
    const segment = await archiveNow(server, sql)

    expect(base, base.stderr).toMatchObject({ code: 0 })
    expect(base.stderr).toMatch(/^repo1: full base backup, read back[^]*^repo2: full base backup, read back/m)
    expect(await segmentsHere()).toContain(segment)
    expect(await segmentsThere()).toEqual(await segmentsHere())
    expect((await server.backup(['list'])).stdout).toMatch(/^ {2}offsite: 1 base backup, any moment since/m)
  })

  it('away › stops neither the writes nor the archive beside the backups, and catches up', async () => {
    await storage.kill()
    let last = ''
    // One after the other: the server asks again and again for the first that one repository refuses.
    for (const i of [2, 3, 4]) {
      await sql`insert into steps values (${i})`
      last = await endSegment()
      await until(
        `${last} is in the archive beside the backups`,
        async () => (await segmentsHere()).includes(last),
        { deadlineMs: 40_000 },
      )
    }

    expect(await segmentsThere()).not.toContain(last)
    const shown = await metricsWhen(server, (text) =>
      text.includes('backup_archive_unreadable{repository="repo2"} 1'),
    )
    const newest = (repository: string): number =>
      Number(
        new RegExp(`^backup_archive_last_timestamp_seconds.*"${repository}"} (\\S+)$`, 'm').exec(shown)?.[1],
      )
    expect(newest('repo1')).toBeGreaterThan(newest('repo2'))
    expect(shown).toMatch(/^backup_wal_queue_bytes [1-9]/m)
    await storage.start()
    await until(`${last} is off-site too`, async () => (await segmentsThere()).includes(last), {
      deadlineMs: 60_000,
    })
  })

  it('brings a moment alone, with all of the backups folder gone, in the very second of its archiving', async () => {
    await afterBase()
    await sql`insert into steps values (5)`
    const [row] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`
    await sql`insert into steps values (6)`
    await archiveNow(server, sql)
    await server.stop('SIGKILL')
    await rm(server.repository, { recursive: true, maxRetries: 5 })

    expect(await restored('--at', row?.at ?? '')).toEqual([1, 2, 3, 4, 5])
    expect(await restored('--at', 'latest')).toEqual([1, 2, 3, 4, 5, 6])
  })
})
