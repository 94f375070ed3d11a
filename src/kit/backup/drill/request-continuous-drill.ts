import type { ContinuousSettings } from '../continuous/continuous-settings.ts'
import { restoreToFolder } from '../continuous/restore-to-folder.ts'
import { dataFolder, drillSocket } from './drill-place.ts'
import type { DrillSettings } from './drill-settings.ts'
import { requestDrill } from './drill-client.ts'
import type { DrillResult } from './drill-result.ts'
import { writeSentinels } from './sentinel-transactions.ts'

function databaseOf({ database }: ContinuousSettings): string {
  return decodeURIComponent(new URL(database.url).pathname.slice(1))
}

/**
 * Commits two transactions on the live server, restores the end of the archive into the shared volume and
 * requests a drill. The drill first recovers to the moment between both. The folder contains the WAL, so
 * the drill needs neither repository nor key.
 */
export async function requestContinuousDrill(
  settings: DrillSettings,
  continuous: ContinuousSettings,
  onSubject: (label: string) => void,
): Promise<DrillResult> {
  const { handoffFolder, timeoutMs, onStep, signal } = settings
  const progress = settings.progress?.bind(undefined, 'drill')
  const marks = await writeSentinels(continuous.database, signal)
  const assumedFailureAt = new Date()
  const outcome = await requestDrill({
    socketPath: drillSocket(handoffFolder),
    request: { kind: 'continuous', timeoutMs, database: databaseOf(continuous), ...marks },
    send: async (drill, over) => {
      const folder = dataFolder(handoffFolder)
      const filling = { folder, progress, signal: over }
      const { plan } = await restoreToFolder(continuous, { target: { kind: 'latest' }, ...filling })
      onSubject(plan.base.label)
      drill.end()
    },
    onStep,
    signal,
  })
  const newest = outcome.findings?.newestCommitAt
  return {
    outcome,
    assumedFailureAt,
    recoveredTo: newest == null ? assumedFailureAt : new Date(newest),
    targetTime: marks.moment,
  }
}
