import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import type { AnyRole } from '../../support/postgres-facts.ts'
import { openClient } from './open-client.ts'
import { runCli, type Ended } from './run-cli.ts'
import type { Parameters } from '../../../../src/kit/postgres/start-server.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export const tableName = '"Tab le.""x"""'
/** Rows of the table above when the backup was taken; `later` came afterwards, the null went. */
export const backedUpNotes = [`💾 50% 'q'`, null, 'tab\there']

export interface RestoreStage {
  server: ToolsServer
  /** A superuser in the maintenance database. */
  admin: Sql
  databaseName: string
  quoted: string
  /** Where the backups are, and the name of the one in it. */
  folder: string
  backup: string
  url: (role: AnyRole) => string
  settings: (role: AnyRole, more?: Record<string, string>) => Record<string, string>
  restore: (args?: string[], more?: Record<string, string>) => Promise<Ended>
  inDatabase: <T>(role: AnyRole, name: string, use: (sql: Sql) => Promise<T>) => Promise<T>
  inLive: <T>(role: AnyRole, use: (sql: Sql) => Promise<T>) => Promise<T>
  notes: (database?: string) => Promise<(string | null)[]>
  /** Databases beside the live one that begin with its name. */
  others: () => Promise<string[]>
  /** A copy of the backup with the file as `change` makes it. */
  damage: (folder: string, file: string, change: (content: Buffer) => Buffer) => Promise<string>
  /** The live database after the backup was taken and rows were changed. */
  makeLive: () => Promise<void>
  dropAll: () => Promise<void>
  close: () => Promise<void>
}

async function fillBeforeBackup(sql: Sql): Promise<void> {
  await sql.unsafe(`create table ${tableName} (id int generated always as identity primary key, note text)`)
  await sql.unsafe(`insert into ${tableName} (note) values ('💾 50% ''q'''), (null), (E'tab\\there')`)
}

async function changeAfterBackup(sql: Sql): Promise<void> {
  await sql.unsafe(`delete from ${tableName} where note is null`)
  await sql.unsafe(`insert into ${tableName} (note) values ('later')`)
}

async function notesIn(sql: Sql): Promise<(string | null)[]> {
  return (await sql.unsafe<{ note: string | null }[]>(`select note from ${tableName} order by id`)).map(
    ({ note }) => note,
  )
}

interface StageOptions {
  databaseName: string
  /** More than the one table, before the backup is taken. */
  prepare?: (owner: Sql) => Promise<void>
  home?: string
  logFolder?: string
  parameters?: Parameters
}

/** A server, a backup of its database and, before each test, a live database that has changed since. */
export async function openRestoreStage(
  tools: string,
  { databaseName, prepare, ...options }: StageOptions,
): Promise<RestoreStage> {
  const server = await openToolsServer(tools, options)
  const admin = openClient(server.urlFor('postgres', 'postgres'))
  const folder = await mkdtemp(join(tmpdir(), 'slipway backups é-'))
  const url = await server.createDatabase(databaseName)
  const quoted = quote(databaseName)
  const settings: RestoreStage['settings'] = (role, more = {}) => ({
    DATABASE_URL: url(role),
    BACKUP_FOLDER: folder,
    BACKUP_PG_BIN: server.tools,
    ...more,
  })
  const inDatabase: RestoreStage['inDatabase'] = async (role, name, use) => {
    const sql = openClient(server.urlFor(role, name))
    try {
      return await use(sql)
    } finally {
      await sql.end({ timeout: 5 })
    }
  }
  const inLive: RestoreStage['inLive'] = (role, use) => inDatabase(role, databaseName, use)
  const others = async (): Promise<string[]> =>
    (await admin<{ datname: string }[]>`select datname from pg_database order by 1`)
      .map(({ datname }) => datname)
      .filter((name) => name.startsWith(databaseName) && name !== databaseName)

  await inLive('migrator', fillBeforeBackup)
  if (prepare !== undefined) await inLive('migrator', prepare)
  const created = await runCli(['create'], settings('backup'))
  if (created.code !== 0) throw new Error(created.stderr)
  await inLive('migrator', changeAfterBackup)
  await admin.unsafe(`alter database ${quoted} rename to prepared`)
  return {
    server,
    admin,
    databaseName,
    quoted,
    folder,
    backup: created.stdout,
    url,
    settings,
    restore: (args = [], more) =>
      runCli(['restore', '--from', created.stdout, ...args], settings('migrator', more)),
    inDatabase,
    inLive,
    notes: (database = databaseName) =>
      inDatabase(database === databaseName ? 'app' : 'migrator', database, notesIn),
    others,
    damage: async (work, file, change) => {
      const copy = join(work, created.stdout)
      await cp(join(folder, created.stdout), copy, { recursive: true })
      await writeFile(join(copy, file), change(await readFile(join(copy, file))))
      return copy
    },
    makeLive: async () => {
      await admin.unsafe(`create database ${quoted} template prepared owner owner connection limit 90`)
      await admin.unsafe(`revoke all on database ${quoted} from public`)
      await admin.unsafe(`grant connect on database ${quoted} to app, backup, monitor`)
      await admin.unsafe(`alter database ${quoted} set search_path to "$user", public, "odd, schema"`)
      await admin.unsafe(`alter database ${quoted} set default_statistics_target to 77`)
      await admin.unsafe(`comment on database ${quoted} is 'it''s \\ ours'`)
    },
    dropAll: async () => {
      for (const name of [databaseName, ...(await others())])
        await admin.unsafe(`drop database if exists ${quote(name)} with (force)`)
    },
    close: async () => {
      await admin.end({ timeout: 5 })
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
