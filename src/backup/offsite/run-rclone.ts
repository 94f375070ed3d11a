import type { Readable } from 'node:stream'
import { BackupError } from '../backup-error.ts'
import { joinProgram, MissingProgram } from '../join-program.ts'
import { offsiteFault } from './offsite-fault.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { withRcloneConfig } from './with-rclone-config.ts'

export interface RcloneRun {
  args: string[]
  /** How often one request is tried; a frozen storage is waited for that often. */
  tries?: number
  signal?: AbortSignal | undefined
}

/** Two parts of 8 MiB at a time: the service has 256 MiB, whatever the size of a backup. A part that is cut off is sent again alone. */
const smallMemory = [
  '--buffer-size=0',
  '--s3-chunk-size=8M',
  '--s3-upload-concurrency=2',
  '--s3-upload-cutoff=16M',
  '--transfers=1',
  '--checkers=2',
]

const limits = ({ idleTimeoutMs, caFile }: OffsiteSettings, tries: number): string[] => [
  '--retries=1',
  `--low-level-retries=${tries}`,
  `--contimeout=${Math.min(idleTimeoutMs, 10_000)}ms`,
  `--timeout=${idleTimeoutMs}ms`,
  ...(caFile === undefined ? [] : [`--ca-cert=${caFile}`]),
]

const missingRclone = (err: MissingProgram): BackupError =>
  new BackupError('failed', err.message, 'build the images anew: make up', err)

/** Hands the output of rclone to `consume`; throws unless both have succeeded. */
export const runRclone = <T>(
  settings: OffsiteSettings,
  { args, tries = 1, signal }: RcloneRun,
  consume: (output: Readable) => Promise<T>,
): Promise<T> =>
  withRcloneConfig(settings, async ({ folder, configFile }) => {
    const { made, ending, stderr } = await joinProgram(
      {
        command: 'rclone',
        args: [`--config=${configFile}`, ...limits(settings, tries), ...smallMemory, ...args],
        // Go takes what it is given otherwise; and rclone looks for a home of its own.
        environment: { PATH: settings.searchPath, HOME: folder, GOMEMLIMIT: '64MiB' },
        signal,
      },
      consume,
    ).catch((err: unknown) => {
      throw err instanceof MissingProgram ? missingRclone(err) : err
    })
    if (ending !== 'exit code 0') throw offsiteFault(settings, ending, stderr)
    return made
  })
