import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CommandError } from '../errors.ts'

export interface RecoverySettings {
  folder: string
  /** In memory, open to this user alone: whoever reaches the socket is the superuser. */
  socketFolder: string
  serverPrograms: string
  searchPath: string
  signal?: AbortSignal | undefined
}

export interface RecoveryServer {
  /** What recovery said of how far it came. */
  log: RecoveryLog
  /** Again is harmless. Resolves with the exit code. */
  stop: () => Promise<number | null>
}

export interface RecoveryLog {
  lastCommitAt: string | undefined
  redoDoneAt: string | undefined
  isTargetMissed: boolean
  /** The last lines, for the error. */
  tail: string[]
}

const tailLines = 20
export const recoveryPort = 5432

/**
 * Archiving is on and has no command: what the new timeline begins with is marked for the archive, and waits for the server
 * that goes live. Nothing listens but a socket.
 */
const optionsOf = ({ socketFolder }: RecoverySettings): string[] =>
  [
    `port=${recoveryPort}`,
    `unix_socket_directories=${socketFolder}`,
    `hba_file=${join(socketFolder, 'pg_hba.conf')}`,
    ...['listen_addresses=', 'archive_mode=on', 'archive_command=', 'archive_library=', 'hot_standby=off'],
    ...['shared_preload_libraries=', 'restart_after_crash=off', 'ssl=off', 'logging_collector=off'],
    ...['log_destination=stderr', 'lc_messages=C', 'log_min_messages=log', 'shared_buffers=64MB'],
  ].flatMap((option) => ['-c', option])

const readLine = (log: RecoveryLog, line: string): void => {
  log.tail = [...log.tail, line].slice(-tailLines)
  log.lastCommitAt = /last completed transaction was at log time (.+)$/.exec(line)?.[1] ?? log.lastCommitAt
  log.redoDoneAt = /redo done at ([0-9A-F]+\/[0-9A-F]+)/.exec(line)?.[1] ?? log.redoDoneAt
  log.isTargetMissed ||= line.includes('recovery ended before configured recovery target was reached')
}

const ended = (log: RecoveryLog): CommandError =>
  log.isTargetMissed
    ? new CommandError(
        'not_found',
        `no transaction was committed after that moment: the last in the archive is of ${log.lastCommitAt ?? 'before the base backup'}`,
        { hint: 'AT=latest restores all of it' },
      )
    : new CommandError(
        'verification_failed',
        `the server in the restored folder did not come up: ${log.tail.filter((line) => /FATAL|PANIC/.test(line)).at(-1) ?? log.tail.at(-1) ?? 'it said nothing'}`,
        { hint: 'choose an earlier moment, or a portable backup: make backups' },
      )

/** Starts a server in a restored folder and waits until it has recovered and promoted itself, however long that takes. */
export const startRecovery = async (settings: RecoverySettings): Promise<RecoveryServer> => {
  const { folder, socketFolder, serverPrograms, searchPath, signal } = settings
  await writeFile(join(socketFolder, 'pg_hba.conf'), 'local all all trust\n', { mode: 0o600 })
  const program = serverPrograms === '' ? 'postgres' : join(serverPrograms, 'postgres')
  const child = spawn(program, ['-D', folder, ...optionsOf(settings)], {
    env: { PATH: searchPath, LC_ALL: 'C' },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const log: RecoveryLog = { lastCommitAt: undefined, redoDoneAt: undefined, isTargetMissed: false, tail: [] }
  const exit = once(child, 'close') as Promise<[number | null]>
  const stop = async (): Promise<number | null> => {
    child.kill('SIGINT')
    return (await exit)[0]
  }
  const isReady = new Promise<true>((resolve) => {
    createInterface(child.stderr).on('line', (line) => {
      readLine(log, line)
      if (line.includes('database system is ready to accept connections')) resolve(true)
    })
  })
  signal?.addEventListener('abort', () => child.kill('SIGINT'), { once: true })
  const answer = await Promise.race([isReady, exit])
  signal?.throwIfAborted()
  if (answer !== true) throw ended(log)
  return { log, stop }
}
