import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { CommandError, type ExitName } from '../errors.ts'
import { libpqOptions } from './session-defaults.ts'
import {
  joinInto,
  spawnProgram,
  MissingProgram,
  type ProgramCall,
  type Target,
} from '../host/spawn-program.ts'

/** Location of pg_dump and the other client programs: a folder, or '' for PATH. */
export interface Programs {
  folder: string
  searchPath: string
}

export interface ProgramRun {
  programs: Programs
  name:
    | 'pg_dump'
    | 'pg_dumpall'
    | 'pg_restore'
    | 'psql'
    | 'vacuumdb'
    | 'initdb'
    | 'pg_controldata'
    | 'pg_checksums'
  args: string[]
  environment?: Record<string, string>
  signal?: AbortSignal | undefined
}

export interface FedRun extends ProgramRun {
  /** Standard input of the program; empty when absent. */
  input?: Readable | undefined
  /** Allows the program to exit before its input ends; otherwise that is an error. */
  mayLeaveInput?: boolean
}

const complaintPattern = /^(pg_\w+|psql(:\S+:\d+)?|vacuumdb|initdb): (error|fatal|detail|ERROR|FATAL): /
const shownComplaints = 3
/** pg_dump quotes its statement, with the names of all tables. */
const shownCharacters = 300

function shortened(line: string): string {
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)} ...` : line
}

/** Returns the program's own error lines; the lines after them quote rows. */
function complaints(stderr: string): string {
  return (
    stderr
      .split('\n')
      .filter((line) => complaintPattern.test(line))
      .slice(0, shownComplaints)
      .map(shortened)
      .join('; ') || 'it said nothing'
  )
}

function missingProgram(err: MissingProgram): CommandError {
  return new CommandError('failed', err.message, {
    hint: 'set BACKUP_PG_BIN to the folder of the PostgreSQL programs',
    cause: err,
  })
}

function unreadInput(name: string): CommandError {
  return new CommandError('failed', `${name} ended before its input did`, {
    hint: 'use another backup: make backups',
  })
}

/** Maps server messages in the program's output to exits; the first match applies. */
const serverFaults: [pattern: RegExp, fault: ExitName, hint: string][] = [
  [
    /pg_restore[\s\S]*(function|relation|type|operator|text search \w+) .*does not exist/,
    'failed',
    'a function names something without its schema: restore with SEARCH_PATH=public, and give the function in the live database SET search_path = public by a migration',
  ],
  [
    /unrecognized parameter "/,
    'version_mismatch',
    'a server of a later release wrote this: take the newest release of this major as POSTGRES_IMAGE',
  ],
  [
    /out of shared memory|max_locks_per_transaction/,
    'failed',
    'the server has too few locks for this many tables: raise POSTGRES_MAX_LOCKS_PER_TRANSACTION in .env, then make up',
  ],
  [/lock timeout/, 'busy', 'try again when the migration or the long statement is over'],
  [/too many clients|connection slots are reserved/, 'busy', 'the server has no connections left: try again'],
  [/No space left on device/, 'no_space', 'free space on the disk of the database'],
  [
    /password authentication failed|connection to server|could not connect|server closed the connection|terminating connection/,
    'unreachable',
    'is it running, and is the password right? make logs SERVICE=db',
  ],
]

/** pg_dump waits for its locks under its own statement timeout. */
const lockWait = /statement timeout[\s\S]*Query was: LOCK TABLE/

function programFault(name: string, ending: string, stderr: string): CommandError {
  const sentence = `${name} ended with ${ending}: ${complaints(stderr)}`
  if (lockWait.test(stderr)) {
    const hint = 'try again when the migration or the long statement is over'
    return new CommandError('busy', 'a table stayed locked for too long', { hint })
  }
  if (ending === 'SIGKILL') {
    const hint =
      'its container has too little memory for so many tables: raise limits.memory of the service in compose.prod.yaml, then make up'
    return new CommandError('failed', sentence, { hint })
  }
  const [, fault, hint] = serverFaults.find(([pattern]) => pattern.test(stderr)) ?? []
  return new CommandError(fault ?? 'failed', sentence, { hint: hint ?? 'read the log of the database' })
}

/**
 * pg_restore may open a transaction before it sets its own time-outs. The rename at the end of a restore flushes its
 * writes.
 */
const serverSettings = `${libpqOptions()} -c idle_in_transaction_session_timeout=0 -c synchronous_commit=off`

function callOf({ programs, name, args, environment = {}, signal }: ProgramRun): ProgramCall {
  return {
    command: programs.folder === '' ? name : join(programs.folder, name),
    args,
    environment: {
      PATH: programs.searchPath,
      LC_MESSAGES: 'C',
      PGOPTIONS: serverSettings,
      ...environment,
    },
    signal,
  }
}

function explainMissing(err: unknown): never {
  throw err instanceof MissingProgram ? missingProgram(err) : err
}

/**
 * Runs one PostgreSQL program and passes its output to `consume`; returns the result of `consume`. Throws when the
 * program, its input or `consume` fails, because none of the three implies the others.
 */
export async function runProgram<T>(run: FedRun, consume: (output: Readable) => Promise<T>): Promise<T> {
  const { name, input, mayLeaveInput = false } = run
  const joined = await spawnProgram({ ...callOf(run), input }, consume).catch(explainMissing)
  if (joined.ending !== 'exit code 0') throw programFault(name, joined.ending, joined.stderr)
  if (joined.fed === 'left' && !mayLeaveInput) throw unreadInput(name)
  return joined.made
}

/** Runs one PostgreSQL program whose output goes directly to `target`. */
export async function runProgramInto(run: ProgramRun, target: Target): Promise<void> {
  const { ending, stderr } = await joinInto(callOf(run), target).catch(explainMissing)
  if (ending !== 'exit code 0') throw programFault(run.name, ending, stderr)
}
