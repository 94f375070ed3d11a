import { describe, expect, it } from 'vitest'
import { renderBackupMetrics } from '../../../src/backup/metrics-text.ts'
import type { StoredBackup } from '../../../src/backup/portable/stored-backup.ts'
import { sampleManifest } from './sample-backup.ts'

const now = new Date('2026-11-22T04:15:00.000Z')
const counts = { ok: 3, failed: 1 }

const stored = (name: string, createdAt: string, fault?: string): StoredBackup => ({
  name,
  folder: '',
  manifest: sampleManifest(name, createdAt),
  fault,
})

describe('metrics of the backups', () => {
  it('take the age of the newest backup that is intact', () => {
    const text = renderBackupMetrics({
      stored: [stored('b', '2026-11-22T04:00:00.000Z', 'cut short'), stored('a', '2026-11-22T03:15:00.000Z')],
      lastRun: undefined,
      counts,
      now,
    })

    expect(text).toContain('\nbackup_newest_age_seconds 3600\n')
    expect(text).toContain('\nbackup_newest_duration_seconds 1.5\n')
    expect(text).toContain('\nbackup_stored{state="intact"} 1\nbackup_stored{state="damaged"} 1\n')
    expect(text).toContain('\nbackup_runs_total{outcome="ok"} 3\nbackup_runs_total{outcome="failed"} 1\n')
  })

  it('have no age at all when there is no backup, so that an alert on absence fires', () => {
    const text = renderBackupMetrics({ stored: [], lastRun: undefined, counts, now })

    expect(text).not.toContain('backup_newest')
    expect(text).toContain('\nbackup_last_run_failed 0\n')
  })

  it('say that the last run failed', () => {
    const lastRun = { endedAt: '2026-11-22T04:00:00.000Z', outcome: 'failed' as const, durationMs: 5 }

    expect(renderBackupMetrics({ stored: [], lastRun, counts, now })).toContain(
      '\nbackup_last_run_failed 1\n',
    )
  })
})
