import { performance } from 'node:perf_hooks'
import type { JobName } from './job-name.ts'
import { beginRun, failRun, succeedRun } from './job-outcome.ts'
import { readJobState, writeJobState } from './job-state.ts'

/**
 * Runs manual work and saves the same state as a scheduled run, for the schedule and the metrics. Work
 * refused as `busy` saves nothing: the process that holds the lock saves the state.
 */
export async function noteRun<T>(backupsFolder: string, job: JobName, work: () => Promise<T>): Promise<T> {
  const begin = performance.now()
  const begun = beginRun(await readJobState(backupsFolder, job), new Date())
  const end = () => ({ now: new Date(), durationMs: performance.now() - begin })
  try {
    const made = await work()
    await writeJobState(backupsFolder, job, succeedRun(begun, end()))
    return made
  } catch (err) {
    const state = failRun(begun, end(), err)
    // Keep the first error: a full disk also refuses the state file.
    if (state.outcome === 'failed') await writeJobState(backupsFolder, job, state).catch(() => undefined)
    throw err
  }
}
