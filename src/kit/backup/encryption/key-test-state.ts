import { z } from 'zod'
import type { MetricsReader } from '../../telemetry/metric-family.ts'
import { secondsOf } from '../../telemetry/metric-family.ts'
import { readState, writeState } from '../../host/state-file.ts'

const keyTestSchema = z.object({
  testedAt: z.iso.datetime(),
  /** Name of the backup that was decrypted. */
  backup: z.string(),
  /** Public key of the recovery key. */
  recipient: z.string(),
})

export type KeyTest = z.infer<typeof keyTestSchema>

const stateName = 'recovery-key-test'

/** Saves the result of a test of the recovery key. */
export function writeKeyTest(backupsFolder: string, test: KeyTest): Promise<void> {
  return writeState(backupsFolder, stateName, test)
}

/**
 * Reads the time of the last test of the recovery key. No sample before the first test, so that an alert
 * on absence fires.
 */
export const readKeyTestMetrics: MetricsReader = async ({ backupsFolder }) => {
  const test = await readState(backupsFolder, stateName, keyTestSchema)
  return [
    {
      name: 'backup_recovery_key_tested_timestamp_seconds',
      type: 'gauge',
      help: 'When the recovery key last opened a backup: make backup-key-test.',
      samples: test === undefined ? [] : [{ value: secondsOf(test.testedAt) }],
    },
  ]
}
