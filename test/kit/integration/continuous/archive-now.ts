import type { Sql } from 'postgres'
import { until } from '../../support/until.ts'
import type { ArchivedServer } from './archived-server.ts'

/** Ends the segment at work and waits until the archive has it. Without a commit recovery cannot see that time went on. */
export async function archiveNow(
  server: ArchivedServer,
  sql: Sql,
  { isCommitted = true } = {},
): Promise<string> {
  if (isCommitted) await sql`select pg_current_xact_id()`
  const [row] = await sql<{ segment: string }[]>`select pg_walfile_name(pg_switch_wal()) as segment`
  const segment = row?.segment ?? ''
  await until(
    `${segment} is archived`,
    async () => {
      const [stat] = await sql<
        { last: string | null }[]
      >`select last_archived_wal as last from pg_stat_archiver`
      return (stat?.last ?? '') >= segment
    },
    { deadlineMs: 30_000 },
  ).catch(async (err: unknown) => {
    throw new Error(await server.log(), { cause: err })
  })
  return segment
}
