import { rm } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { postgres18Tools, postgresTools } from './postgres-tools.ts'
import { embedded16, keptName, liveName, openUpgradeStage, type UpgradeStage } from './upgrade-stage.ts'

const ways = [
  {
    from: 16,
    to: 17,
    oldBin: embedded16,
    newTools: postgresTools,
    gone: 'db_user_namespace',
    newer: undefined,
  },
  {
    from: 17,
    to: 18,
    oldBin: () => Promise.resolve(postgresTools ?? ''),
    newTools: postgres18Tools,
    gone: undefined,
    newer: `li"ve 50%: extension pgcrypto is of version 1.4 now, and was of 1.3`,
  },
]

describe.each(ways)(
  'an upgrade from PostgreSQL $from to $to',
  ({ from, to, oldBin, newTools, gone, newer }) => {
    describe.skipIf(newTools === undefined || postgresTools === undefined)('on plain processes', () => {
      let at: UpgradeStage

      beforeAll(async () => {
        at = await openUpgradeStage(await oldBin(), newTools ?? '')
        // A setting that the new major does not know any more.
        if (gone !== undefined) await at.inOld((sql) => sql.unsafe(`alter system set ${gone} to off`))
      }, 120_000)

      afterAll(() => at.close())

      afterEach(() => rm(at.folder, { recursive: true, force: true }))

      it('brings everything over, compares it, and leaves the old server as it was', async () => {
        const ended = await at.run()

        expect(ended).toMatchObject({ code: 0 })
        expect(ended.stdout).toMatch(new RegExp(`^upgraded  PostgreSQL ${from}\\.\\S+ to ${to}\\.`))
        expect(ended.stdout).toContain(`same      li"ve 50%: `)
        expect(ended.stdout).toContain(`left      ${keptName}, which a restore has set aside`)
        expect(/^newer +(.*)$/m.exec(ended.stdout)?.[1]).toBe(newer)
        if (gone !== undefined)
          expect(ended.stdout).toContain(`does not take it: setting ${gone}=off of the server`)
        const seen = await at.inNew('postgres', async (sql) => ({
          version: await sql`select current_setting('server_version_num')::int / 10000 as major`,
          checksums: await sql`show data_checksums`,
          forced: await sql`select count(*)::int as rows, max(note) as note from forced`,
          settings:
            await sql`select name, setting from pg_settings where name in ('deadlock_timeout', 'default_statistics_target') order by 1`,
          role: await sql`select rolconnlimit, rolvaliduntil, rolconfig, shobj_description(oid, 'pg_authid') as comment
          from pg_roles where rolname = 'odd ''role'`,
          options: await sql`select option from pg_attribute, unnest(attoptions) option
            where attrelid = 'forced'::regclass and option !~ '^pg_attver='`,
          statistics: await sql`select count(*)::int as columns from pg_stats where tablename = 'forced'`,
          databases: await sql`select datname from pg_database where not datistemplate order by 1`,
          comment:
            await sql`select shobj_description(oid, 'pg_database') as comment from pg_database where datname = current_database()`,
        }))
        expect(seen).toEqual({
          version: [{ major: to }],
          checksums: [{ data_checksums: 'on' }],
          forced: [{ rows: 2000, note: 'row 999' }],
          settings: [
            { name: 'deadlock_timeout', setting: '1500' },
            { name: 'default_statistics_target', setting: '77' },
          ],
          role: [
            {
              rolconnlimit: 3,
              rolvaliduntil: new Date('2030-01-01T00:00:00Z'),
              rolconfig: ['statement_timeout=7s'],
              comment: "it's odd",
            },
          ],
          options: [{ option: 'n_distinct=7' }],
          statistics: [{ columns: 2 }],
          databases: [{ datname: 'beside' }, { datname: liveName }, { datname: 'postgres' }],
          comment: [{ comment: "it's ours" }],
        })
        // With the password of before, and with no more rights than before.
        expect(await at.inNew('app', (sql) => sql`show work_mem`)).toEqual([{ work_mem: '5MB' }])
        expect(await at.inOld((sql) => sql`select count(*)::int as rows from forced`)).toEqual([
          { rows: 2000 },
        ])
      })
    })
  },
)
