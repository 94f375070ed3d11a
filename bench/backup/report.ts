import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { isWithin, renderFigures, type Figure } from '../../test/kit/storm/figure.ts'

export interface BenchOptions {
  megabytes: number
  rounds: number
}

export function readBenchOptions(): BenchOptions {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { megabytes: text, rounds: text } })
  return { megabytes: Number(values.megabytes ?? 1_024), rounds: Number(values.rounds ?? 3) }
}

/** Prints the figures; the exit code is 1 when one is beyond its limit. */
export function reportFigures(title: string, figures: readonly Figure[]): void {
  // A machine that is busy with something else slows both sides, and not evenly: the reader must be able to tell.
  process.stdout.write(`${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1) ?? '?'}\n`)
  process.stdout.write(`${renderFigures(title, figures)}\n`)
  if (!figures.every(isWithin)) process.exitCode = 1
}
