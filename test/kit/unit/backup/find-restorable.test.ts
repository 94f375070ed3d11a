import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { findRestorable } from '../../../../src/kit/backup/restore/find-restorable.ts'
import { writeSampleBackup } from './sample-backup.ts'

const [oldest, middle, newest] = [20, 21, 22].map((day) => ({
  name: `202611${day}T080000Z-aaaaaa`,
  at: `2026-11-${day}T08:00:00.000Z`,
})) as [{ name: string; at: string }, { name: string; at: string }, { name: string; at: string }]

let folder: string
function fail({ name }: { name: string }): Promise<void> {
  return writeFile(
    join(folder, name, 'failed-drill.json'),
    JSON.stringify({ failedAt: '2026-11-23T08:00:00.000Z', sentence: 'pg_restore ended with exit code 1' }),
  )
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-restorable-'))
  for (const { name, at } of [oldest, middle, newest]) await writeSampleBackup(folder, name, at)
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('takes the newest, drilled or not', async () => {
  const { backup, passedOver } = await findRestorable({ backupsFolder: folder }, 'latest')

  expect(backup.name).toBe(newest.name)
  expect(passedOver).toEqual([])
})

it('passes over what a drill could not restore, and what is not whole', async () => {
  await fail(newest)
  await rm(join(folder, middle.name, 'database.dump'))

  const { backup, passedOver } = await findRestorable({ backupsFolder: folder }, 'latest')

  expect(backup.name).toBe(oldest.name)
  expect(passedOver).toEqual([newest.name])
})

it('takes the newest all the same with a search path, and any by its name, and says what a drill found', async () => {
  await fail(newest)

  const helped = await findRestorable({ backupsFolder: folder, searchPath: 'public' }, 'latest')
  const named = await findRestorable({ backupsFolder: folder }, newest.name)

  expect(helped.backup.name).toBe(newest.name)
  expect(named).toMatchObject({
    backup: { name: newest.name },
    failed: { sentence: 'pg_restore ended with exit code 1' },
  })
})

it('takes none of several that a drill could not restore', async () => {
  for (const each of [oldest, middle, newest]) await fail(each)

  await expect(findRestorable({ backupsFolder: folder }, 'latest')).rejects.toMatchObject({
    publicMessage: 'a drill could not restore any of the 3 backups',
    hint: expect.stringContaining(`FROM=${newest.name} SEARCH_PATH=public`) as string,
  })
})
