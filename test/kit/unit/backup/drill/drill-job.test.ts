import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDrillJob } from '../../../../../src/kit/backup/drill/drill-job.ts'
import type { DrillSettings } from '../../../../../src/kit/backup/drill/drill-settings.ts'
import { parseSchedule } from '../../../../../src/kit/backup/jobs/cron-due.ts'
import type { JobState } from '../../../../../src/kit/backup/jobs/job-state.ts'
import { writeSampleBackup } from '../sample-backup.ts'

const before = {
  name: '20261120T080000Z-aaaaaa',
  at: '2026-11-20T08:00:00.000Z',
  catalogHash: 'a'.repeat(64),
}
const after = { name: '20261121T080000Z-bbbbbb', at: '2026-11-21T08:00:00.000Z', catalogHash: 'b'.repeat(64) }

describe('the drill of the schedule, whose time has not come', () => {
  let folder: string
  const write = ({ name, at, catalogHash }: typeof before, format = {}) =>
    writeSampleBackup(folder, name, at, { catalogHash, ...format })
  const prove = ({ name }: typeof before) =>
    writeFile(
      join(folder, name, 'proof.json'),
      JSON.stringify({
        ...{ ok: true, provenAt: '2026-11-21T09:00:00.000Z', kind: 'portable', subject: name },
        ...{ rtoSeconds: 1, rpoSeconds: 1, comparedTables: 1, report: 'report.md' },
      }),
    )
  const fail = ({ name }: typeof before) =>
    writeFile(
      join(folder, name, 'failed-drill.json'),
      JSON.stringify({ failedAt: '2026-11-21T09:00:00.000Z', sentence: 'pg_restore ended with exit code 1' }),
    )
  const isDue = (): Promise<boolean> => {
    const job = createDrillJob({ backupsFolder: folder } as DrillSettings, [], {
      schedule: parseSchedule('0 4 * * *'),
      offsetMs: 0,
    })
    const state = { succeededAt: '2026-11-21T09:59:00.000Z' } as JobState
    return Promise.resolve(job.isDue(new Date('2026-11-21T10:00:00.000Z'), state))
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-drill-job-'))
    await write(before)
    await prove(before)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('waits while the newest backup is of a schema that was restored before', async () => {
    await write({ ...after, catalogHash: before.catalogHash })

    expect(await isDue()).toBe(false)
  })

  it('is due at once for the first backup after a migration, until a drill has restored it', async () => {
    await write(after)
    expect(await isDue()).toBe(true)

    await prove(after)
    expect(await isDue()).toBe(false)
  })

  it('is not due again for one that a drill could not restore', async () => {
    await write(after)
    await fail(after)

    expect(await isDue()).toBe(false)
  })

  it('waits with a backup that does not say of which schema it is, or is not whole', async () => {
    await write(after, { catalogHash: null })
    expect(await isDue()).toBe(false)

    await rm(join(folder, after.name, 'SHA256SUMS'))
    expect(await isDue()).toBe(false)
  })
})
