import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { createAgeKey, encryptFor } from '../../test/kit/integration/backup/age-keys.ts'
import { backupTools } from '../../test/kit/integration/backup/backup-tools.ts'
import { openClient } from '../../test/kit/integration/backup/open-client.ts'
import { postgresTools } from '../../test/kit/integration/backup/postgres-tools.ts'
import { openToolsServer, type ToolsServer } from '../../test/kit/integration/backup/tools-server.ts'
import { bundleOf, openBundles } from '../../test/kit/support/bundles.ts'
import { runMeasured, type Measured } from './run-measured.ts'

export interface BackupBench {
  home: string
  server: ToolsServer
  databaseMegabytes: number
  /** Of the superuser, in the maintenance database. */
  admin: Sql
  /** The command line of the backups, with encryption on as it is by default. */
  backup: (role: 'backup' | 'migrator', args: string[], more?: Record<string, string>) => Promise<Measured>
  /** A program of PostgreSQL, as `role`. */
  program: (name: string, role: 'backup' | 'postgres', args: string[]) => Promise<Measured>
  close: () => Promise<void>
}

const databaseName = 'bench'
const bytesPerRow = 480

/** Rows as the API writes them: an id, a time, words that repeat and a document that repeats less. */
async function fill(url: string, megabytes: number): Promise<void> {
  const sql = openClient(url)
  const rows = Math.round((megabytes * 1_048_576) / bytesPerRow)
  await sql.unsafe(
    `create table voyages (id bigint primary key, user_id uuid not null, city text, plan jsonb, created_at timestamptz)`,
  )
  await sql.unsafe(`insert into voyages select n, gen_random_uuid(),
    (array['Vienna', 'Lisbon', 'Kyoto', 'Oslo', 'Quito', 'Accra'])[1 + n % 6],
    jsonb_build_object('title', 'Day ' || n % 30, 'notes', md5(n::text) || md5(random()::text) || md5(random()::text),
      'places', jsonb_build_array('museum', 'harbour', 'market', random(), random(), random()), 'tags', repeat('quiet, cheap, ', 3)),
    now() - n * interval '1 second' from generate_series(1, ${rows}) n`)
  await sql.unsafe('create index on voyages (user_id)')
  await sql.unsafe('analyze')
  await sql.end({ timeout: 5 })
}

async function megabytesOf(admin: Sql): Promise<number> {
  const [row] = await admin<{ bytes: string }[]>`select pg_database_size(${databaseName}) as bytes`
  return Number(row?.bytes ?? 0) / 1_048_576
}

function tools(): { postgres: string; age: string } {
  if (postgresTools !== undefined && backupTools !== undefined)
    return { postgres: postgresTools, age: backupTools }
  throw new Error(
    'pg_dump or age is missing: test/kit/support/install-postgres.sh 17 and install-backup-tools.sh bring them',
  )
}

export async function openBackupBench(megabytes: number): Promise<BackupBench> {
  const { postgres, age } = tools()
  const home = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const server = await openToolsServer(postgres, {
    parameters: { max_wal_size: '4GB', shared_buffers: '256MB' },
  })
  const url = await server.createDatabase(databaseName)
  await fill(url('migrator'), megabytes)
  await openBundles()
  await mkdir(join(home, 'backups'))
  const keys = await encryptFor(home, createAgeKey(age), createAgeKey(age))
  const admin = openClient(server.urlFor('postgres', 'postgres'))
  const path = { PATH: `${age}:${process.env['PATH'] ?? ''}` }
  return {
    home,
    server,
    databaseMegabytes: await megabytesOf(admin),
    admin,
    backup: (role, args, more) =>
      runMeasured(process.execPath, [bundleOf('backup'), ...args], {
        ...path,
        ...keys,
        DATABASE_URL: url(role),
        BACKUP_FOLDER: join(home, 'backups'),
        BACKUP_PG_BIN: postgres,
        ...more,
      }),
    program: (name, role, args) => {
      const { password } = new URL(url(role))
      const address = {
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        PGUSER: role,
        PGDATABASE: databaseName,
      }
      return runMeasured(join(postgres, name), args, {
        ...path,
        ...address,
        PGPASSWORD: decodeURIComponent(password),
      })
    },
    close: async () => {
      await admin.end({ timeout: 5 })
      await server.close()
      await rm(home, { recursive: true, force: true })
    },
  }
}
