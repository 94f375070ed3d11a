import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inCanonicalTransaction } from '../../../../src/kit/backup/portable/canonical-settings.ts'
import { hashCatalog } from '../../../../src/kit/backup/portable/catalog-hash.ts'
import { hashDifferences, hashTables } from '../../../../src/kit/backup/portable/content-hash.ts'
import { readLargeObjects } from '../../../../src/kit/backup/portable/large-objects.ts'
import { parseManifest, type Manifest } from '../../../../src/kit/backup/portable/manifest.ts'
import type { AnyRole } from '../../support/postgres-facts.ts'
import { everyKindOfContent } from './every-kind-of-content.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'

const databaseName = `every "kind" 50%'é`
const restoredName = `re"stored`

function acl(column: string): string {
  return `(select array_agg(a::text order by a::text) from unnest(${column}) a) as acl`
}

/** Rights, owners and settings, which neither hash covers. */
async function rightsOf(sql: Sql): Promise<unknown> {
  return {
    roles:
      await sql`select rolname, rolcanlogin, rolcreatedb, rolbypassrls, rolconnlimit, rolvaliduntil from pg_roles order by 1`,
    members:
      await sql`select roleid::regrole::text as r, member::regrole::text as m, admin_option, inherit_option, set_option
    from pg_auth_members where member <> 10 order by 1, 2`,
    settings:
      await sql`select setrole::regrole::text as role, setdatabase <> 0 as here, unnest(setconfig) as setting
    from pg_db_role_setting order by 1, 2, 3`,
    database: await sql.unsafe(`select datdba::regrole::text as owner, datconnlimit, ${acl('datacl')},
    shobj_description(oid, 'pg_database') as comment from pg_database where datname = current_database()`),
    relations:
      await sql.unsafe(`select n.nspname, relname, relkind, relowner::regrole::text as owner, ${acl('relacl')}
    from pg_class c join pg_namespace n on n.oid = relnamespace where nspname !~ '^(pg_|information_schema)' order by 1, 2`),
    defaults:
      await sql.unsafe(`select defaclrole::regrole::text as role, defaclnamespace::regnamespace::text as schema, defaclobjtype,
    ${acl('defaclacl')} from pg_default_acl order by 1, 2, 3`),
  }
}

describe.skipIf(postgresTools === undefined)(
  'what a backup brings into an empty cluster without Slipway',
  () => {
    let from: ToolsServer
    let into: ToolsServer
    let url: (role: AnyRole) => string
    let folder: string
    let backup: string
    let manifest: Manifest
    let live: Sql
    let restored: Sql

    const program = (name: string, args: string[]): void => {
      const target = new URL(into.urlFor('postgres', restoredName))
      const ended = spawnSync(join(into.tools, name), args, {
        env: {
          PGHOST: '127.0.0.1',
          PGPORT: target.port,
          PGUSER: 'postgres',
          PGPASSWORD: decodeURIComponent(target.password),
          PGDATABASE: restoredName,
        },
        encoding: 'utf8',
      })
      if (ended.status !== 0) throw new Error(`${name}: ${ended.stderr}`)
    }
    const create = (): ReturnType<typeof runCli> =>
      runCli(['create'], { DATABASE_URL: url('backup'), BACKUP_FOLDER: folder, BACKUP_PG_BIN: from.tools })

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'slipway-content-'))
      from = await openToolsServer(postgresTools ?? '')
      into = await openToolsServer(postgresTools ?? '')
      url = await from.createDatabase(databaseName)
      live = openClient(url('postgres'))
      await live.unsafe(everyKindOfContent)
      const quoted = `"${databaseName.replaceAll('"', '""')}"`
      for (const statement of [
        `alter database ${quoted} set search_path to "$user", public, "odd, schema"`,
        `alter database ${quoted} set default_statistics_target to 77`,
        `alter role app in database ${quoted} set work_mem to '5MB'`,
        `alter role monitor set search_path to "odd, schema", public`,
        `alter role app connection limit 17 valid until '2030-01-01'`,
        `create role "ro le'x" nologin noinherit`,
        `grant "ro le'x" to app with admin true, inherit false, set false`,
        `grant temporary on database ${quoted} to "ro le'x" with grant option`,
        `alter database ${quoted} connection limit 55`,
        `comment on database ${quoted} is 'it''s 100% \\ ours'`,
      ])
        await live.unsafe(statement)
      const ended = await create()
      if (ended.code !== 0) throw new Error(ended.stderr)
      backup = join(folder, ended.stdout)
      manifest = parseManifest(await readFile(join(backup, 'manifest.json'), 'utf8')) as Manifest
      const admin = openClient(into.urlFor('postgres', 'postgres'))
      await admin.unsafe(`create database "${restoredName.replaceAll('"', '""')}"`)
      await admin.end()
      const globals = join(backup, 'globals.sql')
      program('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', `--file=${globals}`])
      program('psql', ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', `--file=${globals}`])
      program('pg_restore', [
        '--exit-on-error',
        `--dbname=dbname='${restoredName}'`,
        join(backup, 'database.dump'),
      ])
      restored = openClient(into.urlFor('postgres', restoredName))
    })
    afterAll(async () => {
      await live.end()
      await restored.end()
      await Promise.all([from.close(), into.close()])
      await rm(folder, { recursive: true, force: true })
    })

    it('has every table, row by row', async () => {
      const found = await inCanonicalTransaction(restored, () =>
        hashTables(restored, { like: manifest.tables }),
      )

      expect(manifest.tables.length).toBeGreaterThan(15)
      expect(manifest.tables.every(({ hash }) => hash?.sampleOneIn === 1)).toBe(true)
      expect(found).toEqual(manifest.tables)
    })

    it('has the catalog, the large objects and the sequences', async () => {
      await inCanonicalTransaction(restored, async () => {
        expect(await hashCatalog(restored)).toBe(manifest.catalogHash)
        expect(await readLargeObjects(restored)).toEqual(manifest.largeObjects)
      })
      expect(manifest.largeObjects?.count).toBe(2)
      expect(manifest.sequences).toContainEqual({
        schema: 'odd, schema',
        name: 'Se q',
        lastValue: '41',
        isCalled: true,
      })
      expect(await restored`select last_value, is_called from "odd, schema"."Se q"`).toEqual([
        { last_value: '41', is_called: true },
      ])
      expect(await restored`select last_value from never_called`).toEqual([
        { last_value: '9223372036854775806' },
      ])
    })

    it('has roles, memberships, settings, grants and default privileges', async () => {
      expect(await rightsOf(restored)).toEqual(await rightsOf(live))
    })

    it('holds no password', async () => {
      expect(await readFile(join(backup, 'globals.sql'), 'utf8')).not.toMatch(/SCRAM|md5[0-9a-f]|ENCRYPTED/i)
    })

    it.each([
      ['a changed letter', `update "Tab le.""x""" set "sel ect" = '💾 50% ''Q''' where id = 1`],
      ['a NaN that became null', 'update "Tab le.""x""" set rough = null where id = 1'],
      [
        'a number of another scale, which the server calls equal',
        `alter table "Tab le.""x""" disable trigger touched; update "Tab le.""x""" set exact = exact + 0.0000000000000000000000 where id = 2`,
      ],
      ['two rows that changed places in a partition', `update parent set id = id + 1000 where id = 2`],
      ['a doubled row for a lost one', 'update without_key set n = 2, text = repeat($$x$$, 2) where n = 1'],
    ])('shows %s by the hash', async (_what, change) => {
      await restored`begin`
      await restored.unsafe(change)
      await restored`select set_config('search_path', 'pg_catalog', true)`
      const found = await hashTables(restored, { like: manifest.tables })
      await restored`rollback`

      expect(hashDifferences(manifest.tables, found)).toHaveLength(1)
    })

    it('compares with the text of the rows, as the first versions hashed them, too', async () => {
      const first = {
        like: manifest.tables.map((table) => ({
          ...table,
          hash: { value: '', sampleOneIn: 1, of: 'text' as const },
        })),
      }
      const there = await inCanonicalTransaction(live, () => hashTables(live, first))
      const here = await inCanonicalTransaction(restored, () => hashTables(restored, first))

      expect(here).toEqual(there)
      expect(hashDifferences(manifest.tables, here)).toHaveLength(
        manifest.tables.filter(({ rows }) => rows > 0).length,
      )
    })

    it('takes the same sample of rows on both servers when time is short', async () => {
      const short = {
        like: manifest.tables.map((table) => ({
          ...table,
          hash: { value: '', sampleOneIn: 7, of: 'columns' as const },
        })),
      }
      const there = await inCanonicalTransaction(live, () => hashTables(live, short))
      const here = await inCanonicalTransaction(restored, () => hashTables(restored, short))

      expect(here).toEqual(there)
      expect(here.find(({ name }) => name === 'parent_eu')?.hash?.value).not.toBe(
        manifest.tables.find(({ name }) => name === 'parent_eu')?.hash?.value,
      )
    })
  },
)
