import { execFile } from 'node:child_process'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { sessionDefaults } from '../../postgres/session-defaults.ts'
import { CommandError } from '../../errors.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'
import { dropHandover } from './fetch-wal.ts'
import {
  recoveryPort,
  startRecovery,
  type RecoveryLog,
  type RecoveryServer,
  type RecoverySettings,
} from '../../postgres/recovery-server.ts'
import { settingsBefore, settingsFile, type RestoredFolder } from './restore-to-folder.ts'
import { positionOfLsn } from './wal-segment.ts'

export interface RecoveredCluster {
  timeline: number
  lastCommitAt: string | undefined
  tables: number
  rows: number
}

type Where = Omit<RecoverySettings, 'socketFolder'> & { database: string }

const run = promisify(execFile)

/** Recovery takes the first record that it cannot read for the end of the WAL, and calls that a success. */
const refuseEarlyEnd = (log: RecoveryLog, { plan, lastSegment }: RestoredFolder): void => {
  if (plan.moment.kind !== 'latest' || lastSegment === undefined) return
  if (log.redoDoneAt !== undefined && positionOfLsn(log.redoDoneAt) >= lastSegment.position) return
  throw new CommandError(
    'verification_failed',
    `recovery ended at ${log.redoDoneAt ?? 'once'}, before the end of ${lastSegment.name}, the last segment of the archive`,
    { hint: 'a segment holds what the server cannot read: choose a moment before it, or a portable backup' },
  )
}

/** Reads every row of every table, through the checksums of the pages. */
const readTables = async (socketFolder: string, database: string): Promise<RecoveredCluster> => {
  const address = { host: socketFolder, port: recoveryPort, user: 'postgres', database }
  const sql = postgres({ ...address, max: 1, connection: sessionDefaults, onnotice: () => undefined })
  try {
    const [state] = await sql<
      { timeline: number }[]
    >`select timeline_id as timeline from pg_control_checkpoint()`
    const tables = await sql<{ schema: string; name: string }[]>`
      select schemaname as schema, tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2`
    let rows = 0
    for (const { schema, name } of tables) {
      const from = `${sqlIdentifier(schema)}.${sqlIdentifier(name)}`
      const [counted] = await sql.unsafe<{ count: string }[]>(`select count(*) from only ${from}`)
      rows += Number(counted?.count ?? 0)
    }
    return { timeline: state?.timeline ?? 0, lastCommitAt: undefined, tables: tables.length, rows }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Also the pages that no table's rows are on. The server has to be stopped for it. */
const checkPages = async ({ folder, serverPrograms, searchPath }: Where): Promise<void> => {
  const program = serverPrograms === '' ? 'pg_checksums' : join(serverPrograms, 'pg_checksums')
  try {
    await run(program, ['--check', '--pgdata', folder], { env: { PATH: searchPath, LC_ALL: 'C' } })
  } catch (err) {
    const said = err instanceof Error && 'stderr' in err ? String(err.stderr).trim().split('\n')[0] : ''
    throw new CommandError(
      'verification_failed',
      `pages of the restored cluster have wrong checksums: ${said ?? ''}`,
      { hint: 'choose an earlier moment, or a portable backup: make backups', cause: err },
    )
  }
}

const refuseUnclean = async ({ log, stop }: RecoveryServer): Promise<void> => {
  const code = await stop()
  if (code === 0) return
  throw new CommandError(
    'verification_failed',
    `the server in the restored folder did not stop cleanly: ${log.tail.at(-1) ?? 'it said nothing'}`,
    { hint: 'try again' },
  )
}

/** What recovery needed is no business of the server that goes live. */
const tidy = async (folder: string): Promise<void> => {
  await dropHandover(folder)
  await rename(join(folder, settingsBefore), join(folder, settingsFile))
}

/** Recovers a restored folder in a server of its own, reads everything in it, and leaves it cleanly stopped. */
export const recoverCluster = async (restored: RestoredFolder, where: Where): Promise<RecoveredCluster> => {
  const socketFolder = await mkdtemp(join(tmpdir(), 'slipway-recovery-'))
  try {
    const server = await startRecovery({ ...where, socketFolder })
    try {
      refuseEarlyEnd(server.log, restored)
      const read = await readTables(socketFolder, where.database)
      await refuseUnclean(server)
      await checkPages(where)
      await tidy(where.folder)
      return { ...read, lastCommitAt: server.log.lastCommitAt }
    } finally {
      await server.stop()
    }
  } finally {
    await rm(socketFolder, { recursive: true, force: true })
  }
}
