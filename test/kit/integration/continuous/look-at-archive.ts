import { once } from 'node:events'
import { freePort } from '../../support/free-port.ts'
import { until } from '../../support/until.ts'
import type { ArchivedServer } from './archived-server.ts'

/** The names of the segments among the names of files of a repository. */
export function segmentsOf(names: string[]): string[] {
  return names.flatMap((name) => /([0-9A-F]{24})-[0-9a-f]{40}/.exec(name)?.[1] ?? []).sort()
}

/** What the schedule shows, once it fits. */
export async function metricsWhen(server: ArchivedServer, fits: (text: string) => boolean): Promise<string> {
  const port = String(await freePort())
  const more = { BACKUP_METRICS_HOST: '127.0.0.1', BACKUP_METRICS_PORT: port }
  const child = server.spawnBackup(['schedule'], more)
  const ended = once(child, 'exit')
  try {
    const ask = async (): Promise<string | undefined> => {
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined)
      const text = (await answer?.text()) ?? ''
      return fits(text) ? text : undefined
    }
    return await until('the metrics show it', ask, { deadlineMs: 90_000 })
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}
