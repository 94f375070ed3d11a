import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { setHostileDefaults } from '../../support/hostile-defaults.ts'
import { openDrillFixture, type DrillFixture } from './drill-fixture.ts'
import { openClient } from './open-client.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli } from './run-cli.ts'

const kinds = `create table kinds (id int primary key, at timestamptz, wait interval, ratio float8, raw bytea, day date, text text);
  insert into kinds values
    (1, '2026-03-04 05:06:07+00', '-1 year 2 days -03:04:05', 0.1::float8 + 0.2, '\\x00ff5c', '2026-03-04', E'a\\\\b''c'),
    (2, 'infinity', '1 mon', 1e-300, '\\x', '0044-03-15 BC', null)`

describe.skipIf(postgresTools === undefined)(
  'backups of a database with other defaults',
  { timeout: 90_000 },
  () => {
    let at: DrillFixture

    /** As our own connections read them. */
    const rows = async (): Promise<string> => {
      const sql = openClient(at.url('migrator'))
      try {
        return JSON.stringify(await sql`select kinds::text as row from kinds order by id`)
      } finally {
        await sql.end({ timeout: 5 })
      }
    }

    beforeAll(async () => {
      at = await openDrillFixture(postgresTools ?? '', 'hostile')
      await at.sql('migrator', kinds)
      const superuser = openClient(at.url('postgres'))
      await setHostileDefaults(superuser)
      await superuser.end({ timeout: 5 })
    })
    afterAll(() => at.close())

    it('are taken, verified, proven by a drill and restored with the same rows', async () => {
      const before = await rows()

      const name = await at.create()
      expect(await at.verify(name)).toMatchObject({ code: 0 })
      expect(await at.drill(), at.service.log()).toMatchObject({ code: 0 })
      const settings = {
        DATABASE_URL: at.url('migrator'),
        BACKUP_FOLDER: at.folder,
        BACKUP_PG_BIN: at.server.tools,
      }
      expect(await runCli(['restore', '--from', name], settings)).toMatchObject({ code: 0 })

      expect(await rows()).toBe(before)
    })
  },
)
