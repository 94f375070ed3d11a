import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import { withLibpqCredentials } from '../../postgres/libpq-credentials.ts'
import { explainStorage } from './explain-storage.ts'
import { stanza, type ContinuousSettings, type RepositoryName } from './continuous-settings.ts'

export interface EngineRun {
  repository: RepositoryName
  args: string[]
  signal?: AbortSignal | undefined
  /** Set for a base backup, the only command that connects to the server. */
  isConnected?: boolean
}

export interface EngineOutput {
  exitCode: number
  stdout: string
  stderr: string
}

const outputLimitBytes = 256 * 1024 * 1024

/** Keeps the error lines of pgBackRest. After a damaged file other lines contain bytes of that file. */
function complaintOf({ stdout, stderr }: EngineOutput): string {
  return (
    `${stdout}\n${stderr}`
      .split('\n')
      .map((line) => /ERROR: (.*)/.exec(line)?.[1])
      .filter((line) => line !== undefined)
      .join('; ')
      .replace(/[^\x20-\x7E]+/g, ' ')
      .slice(0, 300) || 'it said nothing'
  )
}

const unreadable = /CryptoError|FormatError|unable to flush|cipher|\[029\]|\[031\]|\[095\]/

/** pgBackRest cannot distinguish a wrong key from a damaged file. */
export function keyFault(repository: RepositoryName): CommandError {
  return new CommandError('key', `${repository} of the archive cannot be read with this key`, {
    hint: 'put back the secrets/*/repo_cipher_pass that it was written with; another reason is a damaged info file: docs/runbooks/ArchiveStalled.md',
  })
}

export function engineFault(run: EngineRun, output: EngineOutput): CommandError {
  const complaint = complaintOf(output)
  const storage = explainStorage(run.repository, complaint)
  if (storage === undefined && unreadable.test(output.stdout + output.stderr)) return keyFault(run.repository)
  const verb = run.args.find((arg) => !arg.startsWith('-')) ?? ''
  const sentence = `pgbackrest ${verb} of ${run.repository} ended with exit code ${output.exitCode}: ${complaint}`
  if (/\[050\]/.test(complaint))
    return new CommandError('busy', sentence, { hint: 'wait until it has ended and try again' })
  if (/\[056\]|\[057\]/.test(complaint)) {
    return new CommandError('unreachable', sentence, { hint: 'is the database running? make status' })
  }
  if (storage !== undefined)
    return new CommandError('archive', `${storage.cause}: ${sentence}`, { hint: storage.hint })
  return new CommandError('archive', sentence, { hint: 'docs/runbooks/ArchiveStalled.md' })
}

function missingEngine(err: Error): CommandError {
  return new CommandError('failed', 'pgbackrest cannot be run', {
    hint: 'build the images anew: make up',
    cause: err,
  })
}

function execute(
  settings: ContinuousSettings,
  run: EngineRun,
  environment: Record<string, string>,
): Promise<EngineOutput> {
  const { runFolder, searchPath, ioTimeoutSeconds } = settings
  const patience = ioTimeoutSeconds === undefined ? [] : [`--io-timeout=${ioTimeoutSeconds}`]
  const config = `--config=${join(runFolder, `${run.repository}.conf`)}`
  const args = [config, `--stanza=${stanza}`, ...patience, ...run.args]
  const options = {
    env: { PATH: searchPath, ...environment },
    maxBuffer: outputLimitBytes,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  }
  return new Promise((resolve, reject) => {
    execFile('pgbackrest', args, options, (err, stdout, stderr) => {
      if (err === null) resolve({ exitCode: 0, stdout, stderr })
      else if (typeof err.code === 'number') resolve({ exitCode: err.code, stdout, stderr })
      else reject(err.code === 'ENOENT' ? missingEngine(err) : new Error(err.message, { cause: err }))
    })
  })
}

/**
 * Runs pgBackRest. It connects to a local server by socket only; without a host setting libpq chooses the
 * address.
 */
export function runEngine(settings: ContinuousSettings, run: EngineRun): Promise<EngineOutput> {
  return run.isConnected === true
    ? withLibpqCredentials(settings.database, (environment) => execute(settings, run, environment))
    : execute(settings, run, {})
}

/** Runs pgBackRest and returns its standard output. Throws CommandError for an exit code other than 0. */
export async function expectEngine(settings: ContinuousSettings, run: EngineRun): Promise<string> {
  const output = await runEngine(settings, run)
  if (output.exitCode !== 0) throw engineFault(run, output)
  return output.stdout
}
