import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ContinuousSettings } from './continuous-settings.ts'

const run = promisify(execFile)

export interface LiveCluster {
  systemId: string
  timeline: number
}

/**
 * Reads the control file of the live cluster; the server may be stopped. Returns undefined without a
 * cluster.
 */
export async function readCluster(settings: ContinuousSettings): Promise<LiveCluster | undefined> {
  const { serverPrograms, dataFolder, searchPath } = settings
  const program = serverPrograms === '' ? 'pg_controldata' : join(serverPrograms, 'pg_controldata')
  try {
    const { stdout } = await run(program, ['-D', dataFolder], { env: { PATH: searchPath, LC_ALL: 'C' } })
    const systemId = /^Database system identifier: +(\d+)$/m.exec(stdout)?.[1]
    const timeline = /^Latest checkpoint's TimeLineID: +(\d+)$/m.exec(stdout)?.[1]
    return systemId === undefined ? undefined : { systemId, timeline: Number(timeline ?? '1') }
  } catch {
    return undefined
  }
}
