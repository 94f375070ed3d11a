import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Sql } from 'postgres'
import { embeddedPrograms } from '../../../../src/kit/postgres/embedded-programs.ts'
import { serverAccount } from '../../../../src/kit/postgres/server-account.ts'
import { bundleOf } from '../../support/bundles.ts'
import type { AnyRole } from '../../support/postgres-facts.ts'
import { placeOf, startTestServer } from '../../support/test-server.ts'
import { everyKindOfContent } from './every-kind-of-content.ts'
import { openClient } from './open-client.ts'
import { runCli, startCli, type Ended, type Started } from './run-cli.ts'
import { postgres18Tools } from './postgres-tools.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

if (postgres18Tools === undefined) {
  if (process.env['CI'] === 'true')
    throw new Error('CI needs PostgreSQL 18: run test/kit/support/install-postgres.sh 18')
  process.stdout.write(
    'upgrade tests to 18 left out: it is missing (test/kit/support/install-postgres.sh 18 brings it)\n',
  )
}

const run = promisify(execFile)

export const liveName = `li"ve 50%`
/** As a restore names what it has set aside. */
export const keptName = `${liveName}_before_20261122t090000z`

export interface UpgradeStage {
  old: ToolsServer
  backups: string
  /** A backup of the live database, by the tools of its own major. */
  backup: (tools: string) => Promise<Ended>
  /** Where the new cluster is made. */
  folder: string
  run: (more?: Record<string, string>, args?: string[]) => Promise<Ended>
  start: (more?: Record<string, string>) => Started
  /** What a person at a terminal sees; rejects when it fails. */
  shown: (more: Record<string, string>) => Promise<string>
  facts: () => Promise<Ended>
  check: (facts: string, more?: Record<string, string>) => Promise<Ended>
  /** A session with the old server. */
  inOld: <T>(use: (sql: Sql) => Promise<T>) => Promise<T>
  /** One with the cluster that was made, started for as long as this takes; with the passwords of the old one. */
  inNew: <T>(role: AnyRole, use: (sql: Sql) => Promise<T>, folder?: string) => Promise<T>
  /** Nothing that looks like a cluster, nor anything that a killed run has left running. */
  leftovers: () => Promise<string[]>
  close: () => Promise<void>
}

/** The PostgreSQL 16 of npm: a server without pg_dump, which is the new one's to bring. */
export async function embedded16(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-embedded-16-'))
  await chmod(home, 0o755)
  const { folder } = await embeddedPrograms(join(home, 'native'), await serverAccount(home))
  if (!existsSync(join(home, 'native'))) await rm(home, { recursive: true })
  return folder
}

/** As the stack has them: the roles of the kit, the migrations, and one of everything that an upgrade could lose. */
async function fill(old: ToolsServer): Promise<void> {
  const url = await old.createDatabase(liveName)
  const sql = openClient(url('postgres'))
  await sql.unsafe(everyKindOfContent)
  await sql.unsafe(`create table forced as select n, 'row ' || n as note from generate_series(1, 2000) n;
    alter table forced owner to owner; alter table forced alter column n set (n_distinct = 7);
    alter table forced enable row level security, force row level security;
    create role "odd 'role" login password 'x' connection limit 3 valid until '2030-01-01 00:00+00';
    alter role "odd 'role" set statement_timeout to '7s'; grant owner to "odd 'role" with inherit false;
    comment on role "odd 'role" is 'it''s odd'`)
  await sql.unsafe(`alter database "li""ve 50%" set default_statistics_target to 77`)
  await sql.unsafe(`alter role app in database "li""ve 50%" set work_mem to '5MB'`)
  await sql.unsafe(`comment on database "li""ve 50%" is 'it''s ours'`)
  await sql.unsafe(`alter system set deadlock_timeout to '1500ms'`)
  await sql.unsafe(`create database beside`)
  await sql.unsafe(`create database "${keptName.replaceAll('"', '""')}"`)
  await sql.end({ timeout: 5 })
}

export async function openUpgradeStage(oldBin: string, newTools: string): Promise<UpgradeStage> {
  const old = await openToolsServer(oldBin)
  await fill(old)
  const home = await mkdtemp(join(tmpdir(), 'slipway upgrade é-'))
  await chmod(home, 0o755)
  const folder = join(home, 'new')
  const backups = join(home, 'backups')
  await mkdir(backups)
  const settings = (role: AnyRole, more: Record<string, string> = {}) => ({
    DATABASE_URL: old.urlFor(role, liveName),
    BACKUP_FOLDER: backups,
    BACKUP_DATA_FOLDER: folder,
    BACKUP_PG_BIN: newTools,
    ...more,
  })
  const to = /\/(\d+)\/bin$/.exec(newTools)?.[1] ?? ''
  const runArguments = ['upgrade', 'run', '--to', to, '--jobs', '2']
  return {
    old,
    backups,
    folder,
    backup: (tools) => runCli(['create'], settings('backup', { BACKUP_PG_BIN: tools })),
    run: (more, args = runArguments) => runCli(args, settings('postgres', more)),
    start: (more) => startCli(runArguments, settings('postgres', more)),
    shown: async (more) => {
      const command = [process.execPath, bundleOf('backup'), ...runArguments]
        .map((word) => `'${word}'`)
        .join(' ')
      const env = { PATH: process.env['PATH'], ...settings('postgres', more) }
      const args = ['--quiet', '--return', '--command', command, '/dev/null']
      return (await run('script', args, { env })).stdout
    },
    facts: () => runCli(['upgrade', 'facts'], settings('migrator')),
    check: (facts, more) => runCli(['upgrade', 'check', '--to', to], settings('postgres', more), facts),
    inOld: async (use) => {
      const sql = openClient(old.urlFor('postgres', liveName))
      try {
        return await use(sql)
      } finally {
        await sql.end({ timeout: 5 })
      }
    },
    inNew: async (role, use, where = folder) => {
      const server = await startTestServer(await placeOf(newTools, where))
      const url = new URL(old.urlFor(role, liveName))
      url.port = String(server.port)
      const sql = openClient(url.href)
      try {
        return await use(sql)
      } finally {
        await sql.end({ timeout: 5 })
        await server.stop('SIGINT')
      }
    },
    leftovers: () => readdir(folder).catch(() => []),
    close: async () => {
      await old.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
