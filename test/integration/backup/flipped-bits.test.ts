import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dumpKeys } from '../../../src/backup/encryption/dump-keys.ts'
import { readStoredBackup } from '../../../src/backup/portable/stored-backup.ts'
import { verifyBackup } from '../../../src/backup/portable/verify-backup.ts'
import { createAgeKey, encryptFor } from './age-keys.ts'
import { backupTools } from './backup-tools.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

const flips = 500

describe.skipIf(postgresTools === undefined || backupTools === undefined)('five hundred flipped bits', () => {
  let server: ToolsServer
  let url: string
  let folder: string
  const searchPath = `${backupTools ?? ''}:${process.env['PATH'] ?? ''}`

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    url = (await server.createDatabase('flipped'))('backup')
    folder = await mkdtemp(join(tmpdir(), 'slipway-flipped-'))
  })
  afterAll(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it.each(['on', 'off'])('are all found, with encryption %s', { timeout: 120_000 }, async (encryption) => {
    const keys = await encryptFor(folder, createAgeKey(backupTools ?? ''), createAgeKey(backupTools ?? ''))
    const place = { DATABASE_URL: url, BACKUP_FOLDER: folder, BACKUP_PG_BIN: server.tools, PATH: searchPath }
    const name = (await runCli(['create'], { ...place, ...keys, BACKUP_ENCRYPTION: encryption })).stdout
    const identityFile = join(folder, 'age_identity')
    const settings = { isOn: true, recipientsFile: '', identityFile, searchPath }
    const verify = async (): Promise<unknown> =>
      verifyBackup(
        await readStoredBackup(join(folder, name), name),
        { folder: server.tools, searchPath },
        dumpKeys(settings),
      )
    const files = await readdir(join(folder, name))
    const missed: string[] = []

    await verify()
    for (let flip = 0; flip < flips; flip += 1) {
      const path = join(folder, name, files[flip % files.length] ?? '')
      const good = await readFile(path)
      const bit = Math.floor(Math.random() * good.length * 8)
      const bad = Buffer.from(good)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await writeFile(path, bad)
      const found = await verify().then(
        () => false,
        () => true,
      )
      if (!found) missed.push(`${path} bit ${bit}`)
      await writeFile(path, good)
    }

    expect(files).toHaveLength(4)
    expect(missed).toEqual([])
  })
})
