import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { CommandError } from '../../errors.ts'
import { spawnProgram, MissingProgram } from '../../host/spawn-program.ts'
import type { Progress } from '../../host/progress.ts'
import { offsiteFault } from './offsite-fault.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { withRcloneConfig } from './with-rclone-config.ts'

export interface RcloneRun {
  args: string[]
  /** Attempts per request, also when the storage does not respond. */
  tries?: number
  signal?: AbortSignal | undefined
  /** Progress of uploads. The consumer counts the bytes of rclone's output. */
  progress?: Progress | undefined
}

/**
 * Two parts of 8 MiB at a time: the service has 256 MiB of memory, whatever the size of the backup. A
 * failed part is retried alone.
 */
const smallMemory = [
  '--buffer-size=0',
  '--s3-chunk-size=8M',
  '--s3-upload-concurrency=2',
  '--s3-upload-cutoff=16M',
  '--transfers=1',
  '--checkers=2',
]

function limits({ idleTimeoutMs, caFile, bandwidthKibPerSecond }: OffsiteSettings, tries: number): string[] {
  return [
    '--retries=1',
    `--low-level-retries=${tries}`,
    `--contimeout=${Math.min(idleTimeoutMs, 10_000)}ms`,
    `--timeout=${idleTimeoutMs}ms`,
    ...(bandwidthKibPerSecond === undefined ? [] : [`--bwlimit=${bandwidthKibPerSecond}K`]),
    ...(caFile === undefined ? [] : [`--ca-cert=${caFile}`]),
  ]
}

function told(progress: Progress | undefined): string[] {
  return progress === undefined ? [] : ['--use-json-log', '--stats=500ms', '--stats-log-level=NOTICE']
}

/** Drops the progress lines of rclone: in a transfer of hours they would fill the memory. */
function showing(progress: Progress) {
  return async (stderr: Readable): Promise<string> => {
    const kept: string[] = []
    let shownBytes = 0
    for await (const line of createInterface({ input: stderr })) {
      const sentBytes = /"stats":\{"bytes":(\d+)/.exec(line)?.[1]
      if (sentBytes === undefined) kept.push(line)
      else {
        progress.advance(Number(sentBytes) - shownBytes)
        shownBytes = Number(sentBytes)
      }
    }
    return kept.join('\n')
  }
}

function missingRclone(err: MissingProgram): CommandError {
  return new CommandError('failed', err.message, { hint: 'build the images anew: make up', cause: err })
}

/** Runs rclone and passes its output to `consume`. Throws CommandError unless both succeed. */
export function runRclone<T>(
  settings: OffsiteSettings,
  { args, tries = 1, signal, progress }: RcloneRun,
  consume: (output: Readable) => Promise<T>,
): Promise<T> {
  return withRcloneConfig(settings, async ({ folder, configFile }) => {
    const { made, ending, stderr } = await spawnProgram(
      {
        command: 'rclone',
        args: [
          `--config=${configFile}`,
          ...limits(settings, tries),
          ...smallMemory,
          ...told(progress),
          ...args,
        ],
        // Without a limit the Go runtime uses all memory. HOME prevents rclone from using its default
        // config folder.
        environment: { PATH: settings.searchPath, HOME: folder, GOMEMLIMIT: '64MiB' },
        signal,
        readSaid: progress === undefined ? undefined : showing(progress),
      },
      consume,
    ).catch((err: unknown) => {
      throw err instanceof MissingProgram ? missingRclone(err) : err
    })
    if (ending !== 'exit code 0') throw offsiteFault(settings, ending, stderr)
    return made
  })
}
