import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pruneBackups } from '../../../src/backup/schedule/retention.ts'
import { writeSampleBackup } from './sample-backup.ts'

const nameOf = (day: number): string => `2026110${day}T031500Z-00000${day}`

describe('retention', () => {
  let folder: string

  const write = (day: number, createdAt = `2026-11-0${day}T03:15:00.000Z`): Promise<string> =>
    writeSampleBackup(folder, nameOf(day), createdAt)
  const left = async (): Promise<string[]> => (await readdir(folder)).sort()

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-retention-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('removes the oldest beyond the number to keep', async () => {
    for (const day of [1, 2, 3, 4]) await write(day)

    expect((await pruneBackups(folder, 2)).sort()).toEqual([nameOf(1), nameOf(2)])
    expect(await left()).toEqual([nameOf(3), nameOf(4)])
  })

  it('goes by the time in the manifest, whatever the files say', async () => {
    for (const day of [1, 2, 3]) await write(day)
    await utimes(join(folder, nameOf(3)), 0, 0)
    await utimes(join(folder, nameOf(3), 'manifest.json'), 0, 0)

    await pruneBackups(folder, 2)

    expect(await left()).toEqual([nameOf(2), nameOf(3)])
  })

  it.each([
    ['a changed dump', 'database.dump', 'dump of something else, of the same sort'],
    ['a changed dump of the same length', 'database.dump', `dumP of ${nameOf(4)}`],
    ['an empty manifest', 'manifest.json', ''],
    ['no checksums', 'SHA256SUMS', ''],
  ])('does not count a backup with %s, and does not delete it', async (_what, file, content) => {
    for (const day of [1, 2, 3, 4]) await write(day)
    await writeFile(join(folder, nameOf(4), file), content)

    await pruneBackups(folder, 2)

    expect(await left()).toEqual([nameOf(2), nameOf(3), nameOf(4)])
  })

  it('never removes the newest, whatever it is told', async () => {
    for (const day of [1, 2]) await write(day)

    await pruneBackups(folder, 0)

    expect(await left()).toEqual([nameOf(2)])
  })

  it('leaves foreign files and unfinished runs alone', async () => {
    for (const day of [1, 2]) await write(day)
    await writeFile(join(folder, 'notes.txt'), '')
    await writeSampleBackup(folder, `${nameOf(9)}.partial`, '2026-11-09T03:15:00.000Z')

    await pruneBackups(folder, 1)

    expect(await left()).toEqual([nameOf(2), `${nameOf(9)}.partial`, 'notes.txt'])
  })
})
