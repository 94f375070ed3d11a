import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readStoredBackup } from '../../../../src/kit/backup/portable/stored-backup.ts'
import { verifyChecksums } from '../../../../src/kit/backup/portable/verify-backup.ts'
import { writeSampleBackup } from './sample-backup.ts'

const name = '20261122T031500Z-a1b2c3'

describe('checksums of a stored backup', () => {
  let folder: string

  const isTrusted = async (): Promise<boolean> => {
    try {
      await verifyChecksums(await readStoredBackup(join(folder, name), name))
      return true
    } catch {
      return false
    }
  }

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-checksums-'))
    await writeSampleBackup(folder, name, '2026-11-22T03:15:00.000Z')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('are right as long as nothing was touched', async () => {
    expect(await isTrusted()).toBe(true)
  })

  it.each(['database.dump', 'manifest.json', 'SHA256SUMS'])(
    'show a flipped bit in every single byte of %s',
    { timeout: 60_000 },
    async (file) => {
      const path = join(folder, name, file)
      const good = await readFile(path)
      const missed: number[] = []

      for (const [at, byte] of good.entries()) {
        const bad = Buffer.from(good)
        bad[at] = byte ^ (1 << (at % 8))
        await writeFile(path, bad)
        if (await isTrusted()) missed.push(at)
      }

      expect(missed).toEqual([])
    },
  )

  it('show a changed number of rows', async () => {
    const path = join(folder, name, 'manifest.json')
    await writeFile(path, (await readFile(path, 'utf8')).replace('"rows": 4', '"rows": 5'))

    expect((await readStoredBackup(join(folder, name), name)).fault).toBe('manifest.json was changed')
  })
})
