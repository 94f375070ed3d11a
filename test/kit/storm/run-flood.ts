import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Flood } from './flood-tally.ts'

export interface FloodTarget {
  port: number
  isTls: boolean
  /** For the file of requests. */
  folder: string
  /** Where the load generator runs, for `taskset --cpu-list`. */
  cores: string
}

interface Options {
  requests: readonly string[]
  connections: number
  seconds: number
  /** Requests per second, in open loop; without it every connection sends as soon as it is answered. */
  rate?: number
}

/** The generator as a process of its own, on the core that nothing of the stage uses. */
export async function runFlood(target: FloodTarget, options: Options): Promise<Flood> {
  const file = join(target.folder, 'requests.json')
  await writeFile(file, JSON.stringify(options.requests))
  const { stdout } = await promisify(execFile)('taskset', [
    '--cpu-list',
    target.cores,
    process.execPath,
    'test/kit/storm/flood.ts',
    `--port=${target.port}`,
    ...(target.isTls ? ['--tls'] : []),
    `--requests=${file}`,
    `--connections=${options.connections}`,
    `--seconds=${options.seconds}`,
    `--rate=${Math.round(options.rate ?? 0)}`,
  ])
  return JSON.parse(stdout) as Flood
}
