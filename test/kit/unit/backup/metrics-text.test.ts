import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readMetrics, renderMetrics } from '../../../../src/kit/telemetry/metrics-text.ts'
import { readStoredMetrics } from '../../../../src/kit/backup/portable/stored-metrics.ts'
import { createJobCounts } from '../../../../src/kit/backup/jobs/job-counts.ts'
import { createJobMetrics } from '../../../../src/kit/backup/jobs/job-metrics.ts'
import { writeJobState, type JobState } from '../../../../src/kit/backup/jobs/job-state.ts'
import { writeSampleBackup } from './sample-backup.ts'

const now = new Date('2026-11-22T04:15:00.000Z')

describe('metrics of the backups', () => {
  let backupsFolder: string

  beforeEach(async () => {
    backupsFolder = await mkdtemp(join(tmpdir(), 'slipway-metrics-'))
  })
  afterEach(() => rm(backupsFolder, { recursive: true, force: true }))

  const scrape = (): Promise<string> => readMetrics([readStoredMetrics], { backupsFolder, now })

  it('take the age of the newest backup that is intact', async () => {
    await writeSampleBackup(backupsFolder, '20261122T031500Z-00000a', '2026-11-22T03:15:00.000Z')
    const cut = await writeSampleBackup(backupsFolder, '20261122T040000Z-00000b', '2026-11-22T04:00:00.000Z')
    await truncate(join(backupsFolder, cut, 'database.dump'), 3)

    const text = await scrape()

    expect(text).toContain('\nbackup_newest_age_seconds 3600\n')
    expect(text).toContain('\nbackup_newest_duration_seconds 1.5\n')
    expect(text).toContain('\nbackup_stored{state="intact"} 1\nbackup_stored{state="damaged"} 1\n')
  })

  it('have no age at all when there is no backup, so that an alert on absence fires', async () => {
    expect(await scrape()).not.toContain('backup_newest')
  })

  it('fail as a whole when one reader fails, instead of leaving figures out in silence', async () => {
    const broken = () => Promise.reject(new Error('no such folder'))

    await expect(readMetrics([readStoredMetrics, broken], { backupsFolder, now })).rejects.toThrow(
      'no such folder',
    )
  })

  it('escape what a label may hold', () => {
    const samples = [{ labels: { a: '"\\\n' }, value: 1 }]

    expect(renderMetrics([{ name: 'x', type: 'gauge', help: 'X.', labels: ['a'], samples }])).toBe(
      '# HELP x X.\n# TYPE x gauge\nx{a="\\"\\\\\\n"} 1\n',
    )
  })

  describe('of the jobs', () => {
    const counts = createJobCounts()
    const read = (): Promise<string> =>
      readMetrics([createJobMetrics(['portable_dump', 'drill'], counts)], { backupsFolder, now })
    const startedAt = '2026-11-22T04:00:00.000Z'

    it('count from 0, so that the first failure is an increase', async () => {
      counts.add('drill', 'failed')

      const text = await read()

      expect(text).toContain('\nbackup_runs_total{job_name="portable_dump",outcome="failed"} 0\n')
      expect(text).toContain('\nbackup_runs_total{job_name="drill",outcome="failed"} 1\n')
    })

    it.each<[string, JobState, number]>([
      ['a run that succeeded', { outcome: 'ok', startedAt, failures: 0 }, 0],
      ['a run that failed', { outcome: 'failed', startedAt, failures: 1 }, 1],
      ['a first run that is under way', { outcome: 'running', startedAt, failures: 1 }, 0],
      ['a second try that is under way', { outcome: 'running', startedAt, failures: 2 }, 1],
      ['one that gave way', { outcome: 'yielded', startedAt, failures: 0 }, 0],
      ['one that gave way after a failure', { outcome: 'yielded', startedAt, failures: 1 }, 1],
    ])('say of %s whether the last one failed', async (_what, state, failed) => {
      await writeJobState(backupsFolder, 'drill', state)

      expect(await read()).toContain(`\nbackup_last_run_failed{job_name="drill"} ${failed}\n`)
    })
  })
})
