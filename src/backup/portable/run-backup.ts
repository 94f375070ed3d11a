import { performance } from 'node:perf_hooks'
import { createBackup, type BackupSettings, type CreatedBackup } from './create-backup.ts'
import { explainFault } from '../explain-fault.ts'
import { recordLastRun, type LastRun } from '../schedule/last-run.ts'

const describeFailure = (err: unknown): Pick<LastRun, 'outcome' | 'fault' | 'sentence'> => {
  const { fault, publicMessage } = explainFault(err)
  return { outcome: 'failed', fault, sentence: publicMessage }
}

/** Takes a backup and leaves a note of how it went, which the metrics read. */
export const runBackup = async (settings: BackupSettings, signal?: AbortSignal): Promise<CreatedBackup> => {
  const begin = performance.now()
  const note = (part: Pick<LastRun, 'outcome' | 'fault' | 'sentence'>): Promise<void> =>
    recordLastRun(settings.backupsFolder, {
      endedAt: new Date().toISOString(),
      durationMs: Math.round(performance.now() - begin),
      ...part,
    })
  try {
    const created = await createBackup(settings, signal)
    await note({ outcome: 'ok' })
    return created
  } catch (err) {
    // Of two faults the first one tells the story: a full disk also refuses the note.
    await note(describeFailure(err)).catch(() => undefined)
    throw err
  }
}
