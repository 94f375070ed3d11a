import { mkdtemp, readFile, rm, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeManifest, openDrillFixture, type DrillFixture } from './drill-fixture.ts'
import { openDrillService, type DrillService } from './drill-service.ts'
import { postgres18Tools, postgresTools } from './postgres-tools.ts'

/** After an upgrade, backups of before it are proven by an image of the later major. */
describe.skipIf(postgresTools === undefined || postgres18Tools === undefined)(
  'a drill on PostgreSQL 18 of a backup of 17',
  { timeout: 90_000 },
  () => {
    let at: DrillFixture
    let later: DrillService
    let handoffFolder: string
    const drill = () => at.drill([], { BACKUP_DRILL_FOLDER: handoffFolder })

    beforeAll(async () => {
      at = await openDrillFixture(postgresTools ?? '', 'of seventeen')
      handoffFolder = await mkdtemp(join(tmpdir(), 'hand-over-18-'))
      await chmod(handoffFolder, 0o755)
      later = await openDrillService(handoffFolder, postgres18Tools ?? '')
      // 1.3 in 17, and 1.4 in 18.
      await at.sql('postgres', 'create extension pgcrypto')
    })
    afterAll(async () => {
      await later.close()
      await at.close()
      await rm(handoffFolder, { recursive: true, force: true })
    })

    it('proves it, and says which extension is newer and what was not compared', async () => {
      const name = await at.create()

      const ended = await drill()

      expect(ended, later.log()).toMatchObject({ code: 0 })
      const newer = 'extension pgcrypto is of version 1.4 now, and was of 1.3'
      expect(ended.stdout).toMatch(
        new RegExp(
          `^proven: portable backup ${name} .*\n  ${newer}\n  the catalog was not compared: it is of PostgreSQL 17\\.`,
        ),
      )
      const { report } = await at.json(name, 'proof.json')
      expect(await readFile(join(at.folder, String(report)), 'utf8')).toContain(`\n- ${newer}\n`)
    })

    it('refuses it all the same when an extension is not there, or other rows', async () => {
      const name = await at.create()
      await changeManifest(at.folder, name, (manifest) => ({
        ...manifest,
        tables: manifest.tables.map((table, n) => (n === 0 ? { ...table, rows: table.rows + 1 } : table)),
        database: {
          ...manifest.database,
          extensions: [...manifest.database.extensions, { name: 'hstore', version: '1.8' }],
        },
      }))

      const { code, stderr } = await drill()

      expect(code).toBe(57)
      expect(stderr).toMatch(/rows instead of .*; extension hstore is missing/)
    })
  },
)
