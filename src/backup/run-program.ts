import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { BackupError } from './backup-error.ts'

/** Where pg_dump and its siblings are: a folder, or '' for the search path. */
export interface Programs {
  folder: string
  searchPath: string
}

export interface ProgramRun {
  programs: Programs
  name: 'pg_dump' | 'pg_restore'
  args: string[]
  environment?: Record<string, string>
  signal?: AbortSignal | undefined
}

const complaintPattern = /^pg_\w+: (error|fatal|detail): /
const shownComplaints = 3

/** Lines of the program itself; what follows them quotes rows. */
const complaints = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => complaintPattern.test(line))
    .slice(0, shownComplaints)
    .join('; ') || 'it said nothing'

const missingProgram = (name: string, err: NodeJS.ErrnoException): BackupError =>
  new BackupError(
    'failed',
    `${name} cannot be run (${err.code ?? err.message})`,
    'set BACKUP_PG_BIN to the folder of the PostgreSQL programs',
    err,
  )

const refusedByServer = /lock timeout|password authentication failed|connection to server|could not connect/

const programFault = (name: string, ending: string, stderr: string): BackupError => {
  const sentence = `${name} ended with ${ending}: ${complaints(stderr)}`
  const match = refusedByServer.exec(stderr)?.[0]
  if (match === undefined) return new BackupError('failed', sentence, 'read the log of the database')
  return match === 'lock timeout'
    ? new BackupError('busy', sentence, 'try again when the migration or the long statement is over')
    : new BackupError(
        'unreachable',
        sentence,
        'is it running, and is the password right? make logs SERVICE=db',
      )
}

/**
 * Runs one program of PostgreSQL, hands its output to `consume` as it comes, and returns what that made of it.
 * Both have to succeed: output that was read to its end says nothing about the exit status, and the other way round.
 */
export const runProgram = async <T>(
  run: ProgramRun,
  consume: (output: Readable) => Promise<T>,
): Promise<T> => {
  const { programs, name, args, environment = {}, signal } = run
  const child = spawn(programs.folder === '' ? name : join(programs.folder, name), args, {
    env: { PATH: programs.searchPath, LC_MESSAGES: 'C', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  })
  const ended = new Promise<string>((resolve, reject) => {
    child.once('error', (err) => reject(signal?.aborted === true ? err : missingProgram(name, err)))
    child.once('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code ?? 'unknown'}`))
  })
  const stderr = text(child.stderr)
  const consumed = consume(child.stdout).catch((err: unknown) => {
    child.kill('SIGTERM')
    throw err
  })
  const [made, ending] = await Promise.allSettled([consumed, ended])
  if (ending.status === 'rejected') throw ending.reason
  if (made.status === 'rejected') throw made.reason
  if (ending.value !== 'exit code 0') throw programFault(name, ending.value, await stderr)
  return made.value
}
