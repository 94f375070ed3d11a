import { performance } from 'node:perf_hooks'
import type { JobName } from './job-name.ts'
import { beginRun, failRun, succeedRun } from './job-outcome.ts'
import { readJobState, writeJobState } from './job-state.ts'

/**
 * For work by hand: leaves the same note as a scheduled run, so that the schedule counts it and the metrics show it.
 * One that gave up because the work is being done already leaves the note to whoever does it.
 */
export const noteRun = async <T>(backupsFolder: string, job: JobName, work: () => Promise<T>): Promise<T> => {
  const begin = performance.now()
  const begun = beginRun(await readJobState(backupsFolder, job), new Date())
  const end = () => ({ now: new Date(), durationMs: performance.now() - begin })
  try {
    const made = await work()
    await writeJobState(backupsFolder, job, succeedRun(begun, end()))
    return made
  } catch (err) {
    const state = failRun(begun, end(), err)
    // Of two faults the first one tells the story: a full disk also refuses the note.
    if (state.outcome === 'failed') await writeJobState(backupsFolder, job, state).catch(() => undefined)
    throw err
  }
}
