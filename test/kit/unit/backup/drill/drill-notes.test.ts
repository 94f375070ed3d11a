import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readDrillMetrics } from '../../../../../src/kit/backup/drill/drill-metrics.ts'
import { writeLastDrill } from '../../../../../src/kit/backup/portable/drill-record.ts'
import { renderReport } from '../../../../../src/kit/backup/drill/drill-report.ts'
import { keepReport } from '../../../../../src/kit/backup/drill/keep-reports.ts'
import { writeProof } from '../../../../../src/kit/backup/drill/write-proof.ts'
import { renderMetrics } from '../../../../../src/kit/telemetry/metrics-text.ts'
import { writeSampleBackup } from '../sample-backup.ts'
import { undocumentedSeries } from '../../../support/undocumented-series.ts'
import { failedRecord, sampleRecord } from './sample-record.ts'

describe('what a drill leaves', () => {
  let folder: string

  const metrics = async (): Promise<string> =>
    renderMetrics(await readDrillMetrics({ backupsFolder: folder, now: new Date() }))

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-drill-notes-'))
    await writeSampleBackup(folder, '20261122T031500Z-a1b2c3', '2026-11-22T03:15:00.000Z')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is a report that says what was compared and how long it took', () => {
    const report = renderReport(sampleRecord())

    expect(report).toContain('proven: portable backup 20261122T031500Z-a1b2c3')
    expect(report).toContain('RTO 23.5 s')
    expect(report).toContain('RPO 2700.0 s')
    expect(report).toContain('11 tables, 4000 rows, 9 tables by the hash of their content')
    expect(report).toContain('- restored: 20.5 s')
  })

  it('is a report that names every difference and claims no figure', () => {
    const report = renderReport(failedRecord())

    expect(report).toContain('not proven: portable backup')
    expect(report).toContain('- public.a has 1 rows instead of 2')
    expect(report).not.toContain('RTO')
  })

  it('is kept for the newest drills and no longer', async () => {
    const reports = join(folder, 'state', 'drills')
    await mkdir(reports, { recursive: true })
    await writeFile(join(reports, 'of-somebody-else.md'), '')
    for (let n = 0; n < 125; n += 1) {
      const begunAt = new Date(Date.parse('2026-01-01T00:00:00Z') + n * 1_000).toISOString()
      await keepReport(folder, sampleRecord({ begunAt }))
    }

    const kept = (await readdir(reports)).sort()

    expect(kept).toHaveLength(120 * 2 + 1)
    expect(kept[0]).toBe('20260101T000005000Z-portable.json')
    expect(kept).toContain('of-somebody-else.md')
  })

  it('is nothing in the metrics before the first drill', async () => {
    expect(await metrics()).toBe('')
  })

  it('is a proof with its figures in the metrics', async () => {
    await writeLastDrill(folder, sampleRecord())
    await writeProof(folder, sampleRecord(), 'state/drills/a.md')

    const text = await metrics()

    expect(text).toContain(
      `backup_proven_timestamp_seconds{kind="portable"} ${Date.parse('2026-11-22T04:01:00Z') / 1_000}\n`,
    )
    expect(text).toContain('backup_drill_rto_seconds{kind="portable"} 23.5\n')
    expect(text).toContain('backup_drill_rpo_seconds{kind="portable"} 2700\n')
    expect(text).toContain('backup_last_drill_failed{kind="portable"} 0\n')
    expect(text).not.toContain('continuous')
    expect(undocumentedSeries(text)).toEqual([])
  })

  it('is the figures of the last proof, and a failure beside them', async () => {
    await writeProof(folder, sampleRecord(), 'state/drills/a.md')
    await writeLastDrill(folder, failedRecord())

    const text = await metrics()

    expect(text).toContain('backup_drill_rto_seconds{kind="portable"} 23.5\n')
    expect(text).toContain('backup_last_drill_failed{kind="portable"} 1\n')
  })

  it('is a proof of its own for each kind', async () => {
    await writeProof(
      folder,
      sampleRecord({ kind: 'continuous', subject: '20261122-030000F' }),
      'state/drills/b.md',
    )

    expect(await metrics()).toContain('backup_proven_timestamp_seconds{kind="continuous"}')
    const proof = JSON.parse(await readFile(join(folder, 'state', 'proof-continuous.json'), 'utf8')) as object
    expect(proof).toMatchObject({
      ok: true,
      kind: 'continuous',
      subject: '20261122-030000F',
      report: 'state/drills/b.md',
    })
  })
})
