import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { CommandError } from '../../errors.ts'
import { joinProgram, MissingProgram } from '../../host/spawn-program.ts'
import type { Progress } from '../../host/progress.ts'
import { offsiteFault } from './offsite-fault.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { withRcloneConfig } from './with-rclone-config.ts'

export interface RcloneRun {
  args: string[]
  /** How often one request is tried; a frozen storage is waited for that often. */
  tries?: number
  signal?: AbortSignal | undefined
  /** Of what it sends; what comes through its output is counted there. */
  progress?: Progress | undefined
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

/** Its lines about progress are not kept: over hours they would fill the memory. */
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

/** Hands the output of rclone to `consume`; throws unless both have succeeded. */
export function runRclone<T>(
  settings: OffsiteSettings,
  { args, tries = 1, signal, progress }: RcloneRun,
  consume: (output: Readable) => Promise<T>,
): Promise<T> {
  return withRcloneConfig(settings, async ({ folder, configFile }) => {
    const { made, ending, stderr } = await joinProgram(
      {
        command: 'rclone',
        args: [
          `--config=${configFile}`,
          ...limits(settings, tries),
          ...smallMemory,
          ...told(progress),
          ...args,
        ],
        // Go takes what it is given otherwise; and rclone looks for a home of its own.
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
