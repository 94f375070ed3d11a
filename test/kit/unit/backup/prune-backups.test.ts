import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listStoredBackups } from '../../../../src/kit/backup/portable/stored-backup.ts'
import { pruneBackups } from '../../../../src/kit/backup/portable/prune-backups.ts'
import { writeSampleBackup } from './sample-backup.ts'

function nameOf(day: number): string {
  return `2026110${day}T031500Z-00000${day}`
}
const now = new Date('2026-11-30T00:00:00Z')
function hoursLater(hours: number): Date {
  return new Date(now.getTime() + hours * 3_600_000)
}

describe('retention', () => {
  let folder: string

  const write = (day: number): Promise<string> =>
    writeSampleBackup(folder, nameOf(day), `2026-11-0${day}T03:15:00.000Z`)
  const writeAll = async (...days: number[]): Promise<void> => {
    for (const day of days) await write(day)
  }
  const prune = (days: number, at = now, justRead?: string): Promise<string[]> =>
    pruneBackups({
      backupsFolder: folder,
      keep: { hourly: 0, daily: days, weekly: 0, monthly: 0 },
      now: at,
      ...(justRead === undefined ? {} : { justRead }),
    })
  const left = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name !== 'state').sort()

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-retention-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('removes the oldest beyond the number to keep', async () => {
    await writeAll(1, 2, 3, 4, 5, 6)

    expect((await prune(4)).sort()).toEqual([nameOf(1), nameOf(2)])
    expect(await left()).toEqual([3, 4, 5, 6].map(nameOf))
  })

  it('counts no backup that a drill could not restore, and removes nothing while the newest is such a one', async () => {
    await writeAll(1, 2, 3, 4, 5, 6)
    const note = JSON.stringify({ failedAt: now.toISOString(), sentence: 'function f() does not exist' })
    await writeFile(join(folder, nameOf(5), 'failed-drill.json'), note)

    expect((await prune(4)).sort()).toEqual([nameOf(1)])
    await writeFile(join(folder, nameOf(6), 'failed-drill.json'), note)
    expect(await prune(1)).toEqual([])
  })

  it('goes by the time in the manifest, whatever the files say', async () => {
    await writeAll(1, 2, 3, 4)
    await utimes(join(folder, nameOf(4)), 0, 0)
    await utimes(join(folder, nameOf(4), 'manifest.json'), 0, 0)

    await prune(1)

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

    await prune(1)

    expect(await left()).toEqual([2, 3, 4, 5].map(nameOf))
  })

  it('removes nothing while the newest one cannot be trusted', async () => {
    await writeAll(1, 2, 3, 4, 5)
    await writeFile(join(folder, nameOf(5), 'manifest.json'), '')

    expect(await prune(1)).toEqual([])
  })

  it('keeps the newest one that a drill has proven', async () => {
    await writeAll(1, 2, 3, 4, 5, 6)
    for (const day of [1, 2]) {
      const proof = { ok: true, provenAt: '2026-11-06T04:00:00.000Z', kind: 'portable', subject: nameOf(day) }
      const file = join(folder, nameOf(day), 'proof.json')
      const measured = { rtoSeconds: 1, rpoSeconds: 1, comparedTables: 11, report: 'state/drills/x.json' }
      await writeFile(file, JSON.stringify({ ...proof, ...measured }))
    }

    await prune(1)

    expect(await left()).toEqual([2, 4, 5, 6].map(nameOf))
  })

  it('leaves foreign files and unfinished runs alone', async () => {
    await writeAll(1, 2, 3, 4)
    await writeFile(join(folder, 'notes.txt'), '')
    await writeSampleBackup(folder, `${nameOf(9)}.partial`, '2026-11-09T03:15:00.000Z')

    await prune(1)

    expect(await left()).toEqual([nameOf(2), nameOf(3), nameOf(4), `${nameOf(9)}.partial`, 'notes.txt'])
  })

  describe('reads backups again', () => {
    const changeDump = (day: number): Promise<void> =>
      writeFile(join(folder, nameOf(day), 'database.dump'), `dumP of ${nameOf(day)}`)
    const damaged = async (): Promise<string[]> =>
      (await listStoredBackups(folder)).filter(({ fault }) => fault !== undefined).map(({ name }) => name)

    it('one a day, the one that waited longest, and shows what it finds', async () => {
      await writeAll(1, 2)
      await prune(9)
      await changeDump(1)
      await changeDump(2)

      await prune(9, hoursLater(23))
      expect(await damaged()).toEqual([])
      await prune(9, hoursLater(25))
      expect(await damaged()).toHaveLength(1)
      await prune(9, hoursLater(26))
      expect(await damaged()).toEqual([nameOf(2), nameOf(1)])
    })

    it('at once when nothing is known of them, and believes who has just made one', async () => {
      await writeAll(1, 2)
      await changeDump(1)
      await changeDump(2)

      await prune(9, now, nameOf(2))

      expect(await damaged()).toEqual([nameOf(1)])
    })

    it('and takes one back that was repaired', async () => {
      await writeAll(1)
      await changeDump(1)
      await prune(9)
      expect(await damaged()).toEqual([nameOf(1)])
      await writeFile(join(folder, nameOf(1), 'database.dump'), `dump of ${nameOf(1)}`)

      await prune(9)

      expect(await damaged()).toEqual([])
    })
  })
})
