import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeKnownArchives } from '../../../../../src/kit/backup/config-archive/archive-copies.ts'
import { createConfigMetrics } from '../../../../../src/kit/backup/config-archive/config-metrics.ts'
import { describeArchives } from '../../../../../src/kit/backup/list/describe-archives.ts'
import { readMetrics } from '../../../../../src/kit/telemetry/metrics-text.ts'
import { createJobCounts } from '../../../../../src/kit/backup/jobs/job-counts.ts'
import { createJobMetrics } from '../../../../../src/kit/backup/jobs/job-metrics.ts'
import { writeJobState } from '../../../../../src/kit/backup/jobs/job-state.ts'

const now = new Date('2026-11-22T12:00:00.000Z')
const [older, newer] = ['20261122T090000Z-00000a', '20261122T110000Z-00000b']
const offsite = {
  ...{ endpoint: 'https://s3.example.com', bucket: 'ship', region: 'x', prefix: '', caFile: undefined },
  ...{ accessKeyId: 'x', secretAccessKey: 'x', idleTimeoutMs: 1_000, searchPath: '' },
}

let backupsFolder: string

beforeEach(async () => {
  backupsFolder = await mkdtemp(join(tmpdir(), "slipway shown it's 🚢 "))
})
afterEach(() => rm(backupsFolder, { recursive: true, force: true }))

async function write(name: string, content: string): Promise<void> {
  const folder = join(backupsFolder, 'config')
  await mkdir(folder, { recursive: true })
  const sha256 = createHash('sha256').update(content).digest('hex')
  await writeFile(join(folder, `${name}.tar.age`), content)
  await writeFile(join(folder, `${name}.tar.age.sha256`), `${sha256}  ${name}.tar.age\n`)
}

describe('the list of archives', () => {
  it('holds name, age, size, and where each is', async () => {
    await write(older, 'first')
    await write(newer, 'second')
    await writeKnownArchives(backupsFolder, offsite, [`${older}.tar.age`])

    expect(await describeArchives(backupsFolder, offsite, now)).toEqual([
      {
        ...{ name: newer, createdAt: '2026-11-22T11:00:00.000Z', ageSeconds: 3_600, bytes: 6 },
        ...{ fault: null, copies: ['here'] },
      },
      {
        ...{ name: older, createdAt: '2026-11-22T09:00:00.000Z', ageSeconds: 10_800, bytes: 5 },
        ...{ fault: null, copies: ['here', 'offsite'] },
      },
    ])
  })

  it('knows of no copy once the storage is another one, or none', async () => {
    await write(older, 'first')
    await writeKnownArchives(backupsFolder, { ...offsite, bucket: 'former' }, [`${older}.tar.age`])

    expect((await describeArchives(backupsFolder, offsite, now))[0]?.copies).toEqual(['here'])
    expect((await describeArchives(backupsFolder, undefined, now))[0]?.copies).toEqual(['here'])
  })

  it('says of a damaged one that it is, and leaves out what is half made', async () => {
    await write(older, 'first')
    await writeFile(join(backupsFolder, 'config', `${older}.tar.age`), 'other')
    await writeFile(join(backupsFolder, 'config', `${newer}.tar.age.partial`), 'half')

    expect(await describeArchives(backupsFolder, undefined, now)).toEqual([
      expect.objectContaining({ name: older, fault: expect.stringContaining('its checksum') as string }),
    ])
  })

  it('is empty where nothing was ever archived', async () => {
    expect(await describeArchives(backupsFolder, undefined, now)).toEqual([])
  })
})

describe('the metrics of the archives', () => {
  const read = (isEncrypted = true): Promise<string> =>
    readMetrics([createConfigMetrics(isEncrypted), createJobMetrics([], createJobCounts())], {
      backupsFolder,
      now,
    })
  const state = { outcome: 'ok', startedAt: now.toISOString(), failures: 0 } as const

  it('count none and have no time where there is none, whatever the note says', async () => {
    await writeJobState(backupsFolder, 'config_archive', { ...state, succeededAt: now.toISOString() })

    const text = await read()

    expect(text).toContain('\nbackup_config_stored 0\n')
    expect(text).not.toContain('backup_config_checked_timestamp_seconds')
  })

  it('take the time of the last run that found nothing changed, not that of the newest archive', async () => {
    await write(older, 'first')
    const before = await read()
    await writeJobState(backupsFolder, 'config_archive', {
      ...state,
      succeededAt: '2026-11-22T11:30:00.000Z',
    })

    expect(before).toContain('\nbackup_config_stored 1\n')
    expect(before).toContain('\nbackup_config_checked_timestamp_seconds 1795338000\n')
    expect(await read()).toContain('\nbackup_config_checked_timestamp_seconds 1795347000\n')
  })

  it('show a run that failed among the jobs', async () => {
    await writeJobState(backupsFolder, 'config_archive', { ...state, outcome: 'failed', failures: 1 })

    expect(await read()).toContain('\nbackup_last_run_failed{job_name="config_archive"} 1\n')
  })

  it('are left out without encryption, where nothing is archived', async () => {
    expect(await read(false)).not.toContain('backup_config')
  })
})
