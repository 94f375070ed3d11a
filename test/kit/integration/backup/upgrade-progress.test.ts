import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  readCopied,
  readTableBytes,
  type CopiedTable,
} from '../../../../src/kit/backup/upgrade/copied-bytes.ts'
import { until } from '../../support/until.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { openClient } from './open-client.ts'
import { postgres18Tools, postgresTools } from './postgres-tools.ts'
import { liveName, openUpgradeStage, type UpgradeStage } from './upgrade-stage.ts'

/** Does its work, and ends more than a second later. */
function slow(name: 'pg_dump' | 'pg_restore'): string {
  return exceptVersion(name, `"$real/${name}" "$@" && sleep 1.8`)
}

describe.skipIf(postgres18Tools === undefined || postgresTools === undefined)(
  'progress of an upgrade',
  () => {
    let at: UpgradeStage

    beforeAll(async () => {
      at = await openUpgradeStage(postgresTools ?? '', postgres18Tools ?? '')
      // Half of it dead rows, which do not come over.
      await at.inOld((sql) =>
        sql.unsafe(`create table sent as select n, repeat(md5(n::text), 10) as filler from generate_series(1, 100000) n;
          delete from sent where n % 2 = 0; analyze sent`),
      )
    }, 120_000)

    afterAll(() => at.close())

    afterEach(() => rm(at.folder, { recursive: true, force: true }))

    it(
      'is shown on a terminal for dump and restore, and is gone at the end',
      { timeout: 90_000 },
      async () => {
        const scripts = { pg_dump: slow('pg_dump'), pg_restore: slow('pg_restore') }
        const tools = await makeFakeTools(postgres18Tools ?? '', scripts)

        const shown = (await at.shown({ BACKUP_PG_BIN: tools })).replaceAll('\r\u001b[K', '<erased>')

        expect(shown).toMatch(/<erased>dump: [\d.]+ \w+.*, [\d.]+ \w+\/s/)
        expect(shown).toMatch(
          /<erased>restore: [\d.]+ MiB of about [\d.]+ MiB, \d+ %, about \d+ s left, [\d.]+ \w+\/s<erased>/,
        )
        expect(shown).toMatch(/upgraded {2}PostgreSQL 17/)
      },
    )

    it('is not shown where standard error is no terminal', { timeout: 90_000 }, async () => {
      const scripts = { pg_restore: slow('pg_restore') }
      const tools = await makeFakeTools(postgres18Tools ?? '', scripts)

      const { code, stderr } = await at.run({ BACKUP_PG_BIN: tools })

      expect(code).toBe(0)
      expect(stderr).not.toContain('\u001b')
    })

    it('of the dump › goes by the tables that the server is sending', async () => {
      const reader = openClient(at.old.urlFor('postgres', liveName))
      const [seen, whole] = await at.inOld(async (sql) => {
        // Nobody takes what comes, so that it stays where it is.
        const output = await reader`copy sent to stdout`.readable()
        const copied = await until('the copy', async () => {
          const tables = await readCopied(sql)
          return tables.some(({ share }) => share > 0) ? tables : undefined
        })
        const bytes = await readTableBytes(sql)
        output.destroy()
        await once(output, 'close')
        return [copied, bytes] as const
      })
      await reader.end({ timeout: 0 })

      const [table] = seen as [CopiedTable]
      expect(seen).toHaveLength(1)
      expect(table.share).toBeGreaterThan(0)
      expect(table.share).toBeLessThan(1)
      expect(table.bytes).toBeGreaterThan(32_000_000)
      expect(whole).toBeGreaterThan(table.bytes)
    })
  },
)
