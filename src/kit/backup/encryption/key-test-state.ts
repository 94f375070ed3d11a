import { z } from 'zod'
import type { MetricsReader } from '../../telemetry/metric-family.ts'
import { secondsOf } from '../../telemetry/metric-family.ts'
import { readState, writeState } from '../../host/state-file.ts'

const keyTestSchema = z.object({
  testedAt: z.iso.datetime(),
  /** The backup that was opened. */
  backup: z.string(),
  /** The public half of the key that opened it. */
  recipient: z.string(),
})

export type KeyTest = z.infer<typeof keyTestSchema>

const stateName = 'recovery-key-test'

export const writeKeyTest = (backupsFolder: string, test: KeyTest): Promise<void> =>
  writeState(backupsFolder, stateName, test)

/** No sample before the first test, so that an alert on absence fires. */
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
