import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareDatabase } from '../../../../src/kit/backup/upgrade/compare-database.ts'
import {
  measureDatabase,
  type MeasuredDatabase,
} from '../../../../src/kit/backup/upgrade/measure-database.ts'
import { postgres18Tools, postgresTools } from './postgres-tools.ts'
import { openUpgradeStage, type UpgradeStage } from './upgrade-stage.ts'

/** What could go wrong on the way, and is put right again. */
const differences: [what: string, done: string, undone: string, says: RegExp][] = [
  [
    'a row that is another one',
    "update forced set note = 'other' where n = 7",
    "update forced set note = 'row 7' where n = 7",
    /public\.forced holds other rows/,
  ],
  [
    'a row too many',
    'insert into empty values (1)',
    'truncate empty',
    /public\.empty has 1 rows instead of 0/,
  ],
  [
    'a sequence that would give out a number again',
    `select setval('"odd, schema"."Se q"', 41, false)`,
    `select setval('"odd, schema"."Se q"', 41, true)`,
    /sequence odd, schema\.Se q is at 41/,
  ],
  [
    'a large object',
    'select lo_put(4242, 0, $$x$$::bytea)',
    "select lo_put(4242, 0, '\\x00'::bytea)",
    /the large objects are other ones/,
  ],
  [
    'an object that is missing',
    'alter trigger touched on "Tab le.""x""" rename to touched_not',
    'alter trigger touched_not on "Tab le.""x""" rename to touched',
    /catalog: trigger CREATE TRIGGER touched .* is missing/,
  ],
  [
    'row security that is off',
    'alter table parent disable row level security',
    'alter table parent enable row level security',
    /catalog: partitioned table public\.parent row security is missing/,
  ],
  [
    'an owner',
    'alter table forced owner to postgres',
    'alter table forced owner to owner',
    /access: relation public\.forced belongs to owner is missing/,
  ],
  [
    'a grant on a column',
    'revoke select (id) on "Tab le.""x""" from app',
    'grant select (id) on "Tab le.""x""" to app',
    /access: column public\."Tab le\.""x"""\.id grants SELECT to app is missing/,
  ],
  [
    'a grant on a large object',
    'revoke select on large object 4243 from backup',
    'grant select on large object 4243 to backup',
    /access: large object 4243 grants SELECT to backup is missing/,
  ],
  [
    'a default privilege',
    'alter default privileges for role owner in schema "odd, schema" revoke select on tables from monitor',
    'alter default privileges for role owner in schema "odd, schema" grant select on tables to monitor',
    /access: default privileges of owner on r in "odd, schema" grants SELECT to monitor is missing/,
  ],
  [
    'an attribute of a role',
    'alter role "odd \'role" connection limit 4',
    'alter role "odd \'role" connection limit 3',
    /access: role .*odd 'role.* is missing/,
  ],
  [
    'a setting of the database',
    'alter database "li""ve 50%" reset default_statistics_target',
    'alter database "li""ve 50%" set default_statistics_target to 77',
    /access: database .*default_statistics_target.* is missing/,
  ],
  [
    'an extension',
    'create extension citext',
    'drop extension citext',
    /extension citext is not in the manifest/,
  ],
]

describe.skipIf(postgres18Tools === undefined || postgresTools === undefined)(
  'the comparison of an upgrade',
  () => {
    let at: UpgradeStage
    let measured: MeasuredDatabase

    beforeAll(async () => {
      at = await openUpgradeStage(postgresTools ?? '', postgres18Tools ?? '')
      measured = await at.inOld((sql) => measureDatabase(sql, 60_000))
      expect(await at.run()).toMatchObject({ code: 0 })
    }, 120_000)

    afterAll(() => at.close())

    it('finds no difference where there is none, and each of these', async () => {
      await at.inNew('postgres', async (sql) => {
        expect(await compareDatabase(sql, measured)).toMatchObject({ differences: [], rewritten: [] })
        for (const [what, done, undone, says] of differences) {
          await sql.unsafe(done)
          await expect(compareDatabase(sql, measured), what).rejects.toThrow(says)
          await sql.unsafe(undone)
        }
        expect(await compareDatabase(sql, measured)).toMatchObject({ differences: [] })

        // Whose hash it is cannot be put back by a password.
        await sql.unsafe("alter role app password 'another one'")
        await expect(compareDatabase(sql, measured)).rejects.toThrow(/access: password of app .* is missing/)
      })
    })
  },
)
