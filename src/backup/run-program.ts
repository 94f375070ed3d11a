import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { BackupError } from './backup-error.ts'

/** Where pg_dump and its siblings are: a folder, or '' for the search path. */
export interface Programs {
  folder: string
  searchPath: string
}

export interface ProgramRun {
  programs: Programs
  name: 'pg_dump' | 'pg_restore' | 'psql'
  args: string[]
  environment?: Record<string, string>
  /** What the program reads from standard input; nothing when absent. */
  input?: Readable | undefined
  /** It may end before its input does; otherwise that is a fault. */
  mayLeaveInput?: boolean
  signal?: AbortSignal | undefined
}

const complaintPattern = /^(pg_\w+|psql(:\S+:\d+)?): (error|fatal|detail|ERROR|FATAL): /
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

const unreadInput = (name: string): BackupError =>
  new BackupError('failed', `${name} ended before its input did`, 'use another backup: make backups')

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

/** A program that ends before its input does closes the pipe: what it says is the reason, not the broken pipe. */
const brokenPipes = new Set(['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'])

const isBrokenPipe = (err: unknown): boolean =>
  err instanceof Error && 'code' in err && brokenPipes.has(String(err.code))

/** How the input ended: read whole, left by the program before its end, or with the fault of its source. */
const feed = async (input: Readable | undefined, stdin: Writable): Promise<'whole' | 'left'> => {
  if (input === undefined) stdin.end()
  else {
    try {
      await pipeline(input, stdin)
    } catch (err) {
      // The first error of the pipeline is the source's own, if it has one.
      if (isBrokenPipe(err)) return 'left'
      throw err
    }
  }
  return 'whole'
}

/**
 * Runs one program of PostgreSQL, hands its output to `consume` as it comes, and returns what that made of it.
 * All have to succeed: output that was read to its end says nothing about the exit status, and the other way round, and
 * input that broke off says nothing about either.
 */
export const runProgram = async <T>(
  run: ProgramRun,
  consume: (output: Readable) => Promise<T>,
): Promise<T> => {
  const { programs, name, args, environment = {}, input, mayLeaveInput = false, signal } = run
  const child = spawn(programs.folder === '' ? name : join(programs.folder, name), args, {
    env: { PATH: programs.searchPath, LC_MESSAGES: 'C', ...environment },
    stdio: 'pipe',
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
  const [made, ending, fed] = await Promise.allSettled([consumed, ended, feed(input, child.stdin)])
  if (ending.status === 'rejected') throw ending.reason
  if (fed.status === 'rejected') throw fed.reason
  if (made.status === 'rejected') throw made.reason
  if (ending.value !== 'exit code 0') throw programFault(name, ending.value, await stderr)
  if (fed.value === 'left' && !mayLeaveInput) throw unreadInput(name)
  return made.value
}
