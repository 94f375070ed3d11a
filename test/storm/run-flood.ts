import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Flood } from './flood-tally.ts'
import type { StormStage } from './storm-stage.ts'

interface Options {
  requests: readonly string[]
  connections: number
  seconds: number
  /** Requests per second, in open loop; without it every connection sends as soon as it is answered. */
  rate?: number
}

/** The generator as a process of its own, on the core that nothing of the stage uses. */
export const runFlood = async (stage: StormStage, options: Options): Promise<Flood> => {
  const file = join(stage.folder, 'requests.json')
  await writeFile(file, JSON.stringify(options.requests))
  const { stdout } = await promisify(execFile)('taskset', [
    '--cpu-list',
    stage.floodCores,
    process.execPath,
    'test/storm/flood.ts',
    `--port=${stage.api.port}`,
    `--requests=${file}`,
    `--connections=${options.connections}`,
    `--seconds=${options.seconds}`,
    `--rate=${Math.round(options.rate ?? 0)}`,
  ])
  return JSON.parse(stdout) as Flood
}
