import { execFile } from 'node:child_process'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgres from 'postgres'
import { sessionDefaults } from '../../postgres/session-defaults.ts'
import { CommandError } from '../../errors.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'
import { dropHandoff } from './fetch-wal.ts'
import { readRecoveryLog, type RecoveryLog } from '../../postgres/recovery-log.ts'
import { serverAccount } from '../../postgres/server-account.ts'
import { openSocketFolder, socketParameters, socketPort } from '../../postgres/socket-folder.ts'
import { startServer, type Parameters, type RunningServer } from '../../postgres/start-server.ts'
import type { Programs } from '../../postgres/run-program.ts'
import { settingsBefore, settingsFile, type RestoredFolder } from './restore-to-folder.ts'
import { positionOfLsn } from './wal-segment.ts'

export interface RecoveredCluster {
  timeline: number
  lastCommitAt: string | undefined
  tables: number
  rows: number
}

export interface RecoveryPlace {
  /** Restored data folder. */
  folder: string
  /** Server programs. */
  programs: Programs
  /** Database to read. */
  database: string
  signal?: AbortSignal | undefined
}

/**
 * archive_mode=on with an empty command marks the files of the new timeline for the archive; the live
 * server archives them later.
 */
const parameters: Parameters = {
  archive_mode: 'on',
  archive_command: '',
  archive_library: '',
  hot_standby: 'off',
  shared_preload_libraries: '',
  restart_after_crash: 'off',
  ssl: 'off',
  logging_collector: 'off',
  log_destination: 'stderr',
  lc_messages: 'C',
  log_min_messages: 'log',
  shared_buffers: '64MB',
}

const run = promisify(execFile)

/**
 * Recovery treats the first unreadable record as the end of WAL and succeeds. This check compares with the
 * last fetched segment.
 */
function refuseEarlyEnd(log: RecoveryLog, { plan, lastSegment }: RestoredFolder): void {
  if (plan.moment.kind !== 'latest' || lastSegment === undefined) return
  if (log.redoDoneAt !== undefined && positionOfLsn(log.redoDoneAt) >= lastSegment.position) return
  throw new CommandError(
    'verification_failed',
    `recovery ended at ${log.redoDoneAt ?? 'once'}, before the end of ${lastSegment.name}, the last segment of the archive`,
    { hint: 'a segment holds what the server cannot read: choose a moment before it, or a portable backup' },
  )
}

/** Reads every row of every table, which verifies the page checksums. */
async function readTables(socketFolder: string, database: string): Promise<RecoveredCluster> {
  const address = { host: socketFolder, port: socketPort, user: 'postgres', database }
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

/** Verifies the pages without rows too. The server must be stopped. */
async function checkPages({ folder, programs }: RecoveryPlace): Promise<void> {
  const program = programs.folder === '' ? 'pg_checksums' : join(programs.folder, 'pg_checksums')
  try {
    await run(program, ['--check', '--pgdata', folder], { env: { PATH: programs.searchPath, LC_ALL: 'C' } })
  } catch (err) {
    const said = err instanceof Error && 'stderr' in err ? String(err.stderr).trim().split('\n')[0] : ''
    throw new CommandError(
      'verification_failed',
      `pages of the restored cluster have wrong checksums: ${said ?? ''}`,
      { hint: 'choose an earlier moment, or a portable backup: make backups', cause: err },
    )
  }
}

function lastLine(lines: string[]): string {
  return lines.findLast((line) => line !== '') ?? 'it said nothing'
}

async function refuseUnclean(server: RunningServer): Promise<void> {
  const code = await server.stop('clean')
  if (code === 0) return
  throw new CommandError(
    'verification_failed',
    `the server in the restored folder did not stop cleanly: ${lastLine(await server.readLines())}`,
    { hint: 'try again' },
  )
}

function explainEnd(lines: string[]): CommandError {
  const { isTargetMissed, lastCommitAt } = readRecoveryLog(lines)
  if (isTargetMissed)
    return new CommandError(
      'not_found',
      `no transaction was committed after that moment: the last in the archive is of ${lastCommitAt ?? 'before the base backup'}`,
      { hint: 'AT=latest restores all of it' },
    )
  const complaint = lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lastLine(lines)
  return new CommandError(
    'verification_failed',
    `the server in the restored folder did not come up: ${complaint}`,
    { hint: 'choose an earlier moment, or a portable backup: make backups' },
  )
}

/** On the data volume, because the log grows with the replayed WAL. */
function logOf(folder: string): string {
  return join(folder, 'slipway_recovery.log')
}

/** Removes the files that only the recovery needs. */
async function tidy(folder: string): Promise<void> {
  await dropHandoff(folder)
  await rm(logOf(folder))
  await rename(join(folder, settingsBefore), join(folder, settingsFile))
}

async function recover(
  restored: RestoredFolder,
  place: RecoveryPlace,
  { server, sockets }: { server: RunningServer; sockets: string },
): Promise<RecoveredCluster> {
  const log = readRecoveryLog(await server.readLines())
  refuseEarlyEnd(log, restored)
  const read = await readTables(sockets, place.database)
  await refuseUnclean(server)
  await checkPages(place)
  await tidy(place.folder)
  return { ...read, lastCommitAt: log.lastCommitAt }
}

/**
 * Starts a server on a restored folder, waits without a time limit until it is promoted, reads every row,
 * verifies every page and stops the server cleanly. Throws CommandError `not_found` when no commit follows
 * the target, `verification_failed` when the folder is unusable.
 */
export async function recoverCluster(
  restored: RestoredFolder,
  place: RecoveryPlace,
): Promise<RecoveredCluster> {
  const { folder: data, programs, signal } = place
  const account = await serverAccount(data)
  const sockets = await openSocketFolder('recovery', account)
  const started = { programs, account, data, log: logOf(data), signal, explainEnd }
  try {
    const server = await startServer({
      ...started,
      parameters: { ...socketParameters(sockets), ...parameters },
    })
    try {
      return await recover(restored, place, { server, sockets })
    } finally {
      await server.stop('immediate')
    }
  } catch (err) {
    // An aborted signal kills the server, which looks like a crash.
    signal?.throwIfAborted()
    throw err
  } finally {
    await rm(sockets, { recursive: true, force: true })
  }
}
