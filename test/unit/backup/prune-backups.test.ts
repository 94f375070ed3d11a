import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pruneBackups } from '../../../src/backup/schedule/prune-backups.ts'
import { writeSampleBackup } from './sample-backup.ts'

const nameOf = (day: number): string => `2026110${day}T031500Z-00000${day}`
const now = new Date('2026-11-30T00:00:00Z')
const daily = (days: number) => ({ hourly: 0, daily: days, weekly: 0, monthly: 0 })

describe('retention', () => {
  let folder: string

  const write = (day: number): Promise<string> =>
    writeSampleBackup(folder, nameOf(day), `2026-11-0${day}T03:15:00.000Z`)
  const writeAll = async (...days: number[]): Promise<void> => {
    for (const day of days) await write(day)
  }
  const left = async (): Promise<string[]> => (await readdir(folder)).sort()

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-retention-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('removes the oldest beyond the number to keep', async () => {
    await writeAll(1, 2, 3, 4, 5, 6)

    expect((await pruneBackups(folder, daily(4), now)).sort()).toEqual([nameOf(1), nameOf(2)])
    expect(await left()).toEqual([3, 4, 5, 6].map(nameOf))
  })

  it('goes by the time in the manifest, whatever the files say', async () => {
    await writeAll(1, 2, 3, 4)
    await utimes(join(folder, nameOf(4)), 0, 0)
    await utimes(join(folder, nameOf(4), 'manifest.json'), 0, 0)

    await pruneBackups(folder, daily(1), now)

    expect(await left()).toEqual([2, 3, 4].map(nameOf))
  })

  it.each([
    ['a changed dump', 'database.dump', 'dump of something else, of the same sort'],
    ['a changed dump of the same length', 'database.dump', `dumP of ${nameOf(4)}`],
    ['an empty manifest', 'manifest.json', ''],
    ['no checksums', 'SHA256SUMS', ''],
  ])('does not count a backup with %s, and does not delete it', async (_what, file, content) => {
    await writeAll(1, 2, 3, 4, 5)
    await writeFile(join(folder, nameOf(4), file), content)

    await pruneBackups(folder, daily(1), now)

    expect(await left()).toEqual([2, 3, 4, 5].map(nameOf))
  })

  it('removes nothing while the newest one cannot be trusted', async () => {
    await writeAll(1, 2, 3, 4, 5)
    await writeFile(join(folder, nameOf(5), 'manifest.json'), '')

    expect(await pruneBackups(folder, daily(1), now)).toEqual([])
  })

  it('keeps the newest one that a drill has proven', async () => {
    await writeAll(1, 2, 3, 4, 5, 6)
    for (const day of [1, 2]) {
      const proof = { ok: true, provenAt: '2026-11-06T04:00:00.000Z', kind: 'portable', subject: nameOf(day) }
      const file = join(folder, nameOf(day), 'proof.json')
      await writeFile(file, JSON.stringify({ ...proof, rtoSeconds: 1, rpoSeconds: 1 }))
    }

    await pruneBackups(folder, daily(1), now)

    expect(await left()).toEqual([2, 4, 5, 6].map(nameOf))
  })

  it('leaves foreign files and unfinished runs alone', async () => {
    await writeAll(1, 2, 3, 4)
    await writeFile(join(folder, 'notes.txt'), '')
    await writeSampleBackup(folder, `${nameOf(9)}.partial`, '2026-11-09T03:15:00.000Z')

    await pruneBackups(folder, daily(1), now)

    expect(await left()).toEqual([nameOf(2), nameOf(3), nameOf(4), `${nameOf(9)}.partial`, 'notes.txt'])
  })
})
