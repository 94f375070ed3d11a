import { createConfigMetrics } from '../../backup/config-archive/config-metrics.ts'
import { createContinuousMetrics } from '../../backup/continuous/continuous-metrics.ts'
import type { ContinuousSettings } from '../../backup/continuous/continuous-settings.ts'
import { readDrillMetrics } from '../../backup/drill/drill-metrics.ts'
import { readKeyTestMetrics } from '../../backup/encryption/key-test-state.ts'
import type { MetricsReader } from '../../telemetry/metric-family.ts'
import { createOffsiteMetrics } from '../../backup/offsite/offsite-metrics.ts'
import type { OffsiteSettings } from '../../backup/offsite/offsite-settings.ts'
import { readStoredMetrics } from '../../backup/portable/stored-metrics.ts'
import type { JobCounts } from '../../backup/jobs/job-counts.ts'
import { createJobMetrics } from '../../backup/jobs/job-metrics.ts'
import type { JobName } from '../../backup/jobs/job-name.ts'

export interface BackupMetricsSources {
  scheduled: JobName[]
  counts: JobCounts
  continuous: ContinuousSettings
  offsite: OffsiteSettings | undefined
  isEncrypted: boolean
}

/** Each room reads its own figures; a new one stands in this list and nowhere else. */
export function createBackupMetrics(sources: BackupMetricsSources): MetricsReader[] {
  return [
    readStoredMetrics,
    readKeyTestMetrics,
    readDrillMetrics,
    createContinuousMetrics(sources.continuous),
    createOffsiteMetrics(sources.offsite),
    createConfigMetrics(sources.isEncrypted),
    createJobMetrics(sources.scheduled, sources.counts),
  ]
}
