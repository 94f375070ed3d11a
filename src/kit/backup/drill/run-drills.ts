import { CommandError } from '../../errors.ts'
import type { DrillRecord } from '../portable/drill-record.ts'
import type { DrillSettings } from './drill-settings.ts'
import { runDrill, type DrillTarget } from './run-drill.ts'

/** `subject` is '' when the drill found no backup to restore. */
function describeFailure({ kind, subject, sentence = '' }: DrillRecord): string {
  return `${subject === '' ? `no ${kind} backup is proven` : `the ${kind} backup ${subject} is not proven`}: ${sentence}`
}

function failedDrills(failed: DrillRecord[]): CommandError {
  return new CommandError('drill_failed', failed.map(describeFailure).join('; '), {
    hint: failed[0]?.hint ?? 'read the report in backups/state/drills/',
  })
}

/** Runs all drills in order, also after a failure. Throws CommandError at the end when one failed. */
export async function runDrills(
  settings: DrillSettings,
  targets: DrillTarget[],
  onRecord: (record: DrillRecord) => void,
): Promise<DrillRecord[]> {
  const records: DrillRecord[] = []
  for (const target of targets) {
    const record = await runDrill(settings, target)
    onRecord(record)
    records.push(record)
  }
  const failed = records.filter(({ ok }) => !ok)
  if (failed.length > 0) throw failedDrills(failed)
  return records
}
