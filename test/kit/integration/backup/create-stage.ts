import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { isBackupName } from '../../../../src/kit/backup/portable/backup-name.ts'
import { parseManifest, type Manifest } from '../../../../src/kit/backup/portable/manifest.ts'
import type { AnyRole } from '../../support/postgres-facts.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

export const databaseName = `slip "way" 50%='é`

const bigTable = `create table big as select n, md5(n::text) as text from generate_series(1, 200000) n`

interface CreateStage {
  tools: () => string
  url: (role: AnyRole) => string
  /** Of the backups; another one for each test. */
  folder: () => string
  settings: (more?: Record<string, string>) => Record<string, string>
  create: (more?: Record<string, string>) => ReturnType<typeof runCli>
  finished: () => Promise<string[]>
  /** What a run that was cut off leaves behind. */
  leftovers: () => Promise<string[]>
  manifestOf: (name: string) => Promise<Manifest | undefined>
}

/** For the tests of one suite: a server with names and rows that are hard to get right, and a folder for backups. */
export function useCreateStage(): CreateStage {
  let server: ToolsServer
  let url: (role: AnyRole) => string
  let folder: string

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    url = await server.createDatabase(databaseName)
    const owner = openClient(url('migrator'))
    await owner.unsafe('create table "Tab le.""x""" (id int primary key, note text)')
    await owner.unsafe(`insert into "Tab le.""x""" values (1, '💾 50% ''q'''), (2, null)`)
    await owner.unsafe(bigTable)
    await owner.end()
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway backups é-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const settings = (more: Record<string, string> = {}): Record<string, string> => ({
    DATABASE_URL: url('backup'),
    BACKUP_FOLDER: folder,
    BACKUP_PG_BIN: server.tools,
    ...more,
  })
  return {
    tools: () => server.tools,
    url: (role) => url(role),
    folder: () => folder,
    settings,
    create: (more) => runCli(['create'], settings(more)),
    finished: async () => (await readdir(folder)).filter(isBackupName),
    leftovers: async () =>
      (await readdir(folder)).filter((name) => name.endsWith('.partial') || name === '.lock'),
    manifestOf: async (name) => parseManifest(await readFile(join(folder, name, 'manifest.json'), 'utf8')),
  }
}
