import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dumpKeys } from '../../../../src/kit/backup/portable/dump-keys.ts'
import { readStoredBackup } from '../../../../src/kit/backup/portable/stored-backup.ts'
import { verifyBackup } from '../../../../src/kit/backup/portable/verify-backup.ts'
import { repetitions } from '../../support/repetitions.ts'
import { createAgeKey, encryptFor } from './age-keys.ts'
import { backupTools } from './backup-tools.ts'
import { flipBits } from './flip-bits.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

const flips = repetitions(100, 500)

describe.skipIf(postgresTools === undefined || backupTools === undefined)('single flipped bits', () => {
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
    await verify()
    const missed = await flipBits({ folder: join(folder, name), count: flips, random: Math.random, verify })

    expect(files).toHaveLength(4)
    expect(missed).toEqual([])
  })
})
