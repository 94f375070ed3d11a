import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openArchive } from '../../../../src/kit/backup/config-archive/open-archive.ts'
import { repetitions } from '../../support/repetitions.ts'
import { backupTools } from './backup-tools.ts'
import { openConfigStage } from './config-stage.ts'

const flips = repetitions(60, 250)

describe.skipIf(backupTools === undefined)('single flipped bits in an archive of the configuration', () => {
  it.each([
    ['with its checksum', ['.tar.age', '.tar.age.sha256']],
    ['that came alone', ['.tar.age']],
  ])('%s are all found', { timeout: 120_000 }, async (_what, files) => {
    const stage = await openConfigStage(backupTools ?? '')
    const { stdout: name } = await stage.create()
    const place = (file: string): string => join(stage.folder, `${name}${file}`)
    if (files.length === 1) await rm(place('.tar.age.sha256'))
    const searchPath = `${backupTools ?? ''}:${process.env['PATH'] ?? ''}`
    const open = () => openArchive(place('.tar.age'), { identity: stage.recovery.identity, searchPath })
    const missed: string[] = []

    await open()
    for (let flip = 0; flip < flips; flip += 1) {
      const path = place(files[flip % files.length] ?? '')
      const good = await readFile(path)
      const bit = Math.floor(Math.random() * good.length * 8)
      const bad = Buffer.from(good)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await writeFile(path, bad)
      const isFound = await open().then(
        () => false,
        () => true,
      )
      if (!isFound) missed.push(`${path} bit ${bit}`)
      await writeFile(path, good)
    }

    expect(missed).toEqual([])
    await stage.close()
  })
})
