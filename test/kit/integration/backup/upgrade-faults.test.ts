import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { repetitions } from '../../support/repetitions.ts'
import { makeFakeTools } from './fake-tools.ts'
import { postgres18Tools, postgresTools } from './postgres-tools.ts'
import { untilFile } from './run-cli.ts'
import { liveName, openUpgradeStage, type UpgradeStage } from './upgrade-stage.ts'

const isRoot = process.getuid?.() === 0
const tools = postgres18Tools ?? ''
const kills = repetitions(2, 20)

describe.skipIf(postgres18Tools === undefined || postgresTools === undefined)(
  'an upgrade that goes wrong',
  () => {
    let at: UpgradeStage

    const forcedRows = async (): Promise<unknown> => {
      const rows = await at.inNew('postgres', (sql) => sql`select count(*)::int as rows from forced`)
      return rows[0]?.['rows']
    }

    beforeAll(async () => {
      at = await openUpgradeStage(postgresTools ?? '', tools)
    }, 120_000)

    afterAll(() => at.close())

    afterEach(async () => {
      expect(await at.inOld((sql) => sql`select count(*)::int as rows from forced`)).toEqual([{ rows: 2000 }])
      await rm(at.folder, { recursive: true, force: true })
    })

    it(
      `leaves no cluster, or a whole one, when it is killed at ${kills} random moments, and the next run is whole`,
      async () => {
        const begin = performance.now()
        expect(await at.run()).toMatchObject({ code: 0 })
        const wholeMs = performance.now() - begin
        await rm(at.folder, { recursive: true })
        for (let kill = 0; kill < kills; kill += 1) {
          const { child, ended } = at.start()
          await pause(Math.random() * wholeMs * 0.95)
          child.kill('SIGKILL')
          const { code } = await ended
          const isThere = existsSync(join(at.folder, 'PG_VERSION'))
          if (!isThere) {
            expect(code).not.toBe(0)
            continue
          }
          // Also where the kill came between the last step and the end of the process: what is there is whole.
          expect(await forcedRows()).toBe(2000)
          await rm(at.folder, { recursive: true })
        }

        const last = await at.run()
        expect(last.code, last.stderr).toBe(0)

        expect(await forcedRows()).toBe(2000)
      },
      90_000 + kills * 45_000,
    )

    it('cleans up after itself when it is told to stop', async () => {
      const { child, ended } = at.start()
      await untilFile(join(at.folder, '.upgrading', 'cluster', 'postmaster.pid'))
      child.kill('SIGTERM')

      expect(await ended).toMatchObject({ code: 143 })
      expect(await at.leftovers()).toEqual([])
    })

    it('refuses a copy in which one row is another one', async () => {
      const fake = await makeFakeTools(tools, {
        pg_restore: `"$real/pg_restore" "$@" || exit
          case "$*" in *--section=post-data*) PGDATABASE='${liveName}' "$real/psql" -qc "update forced set note = 'other' where n = 7" 2>/dev/null || true ;; esac`,
      })

      const ended = await at.run({ BACKUP_PG_BIN: fake })

      expect(ended).toMatchObject({
        code: 50,
        stderr: expect.stringMatching(
          /public\.forced holds other rows[^]*the old server is as it was/,
        ) as string,
      })
      expect(await at.leftovers()).toEqual([])
    })

    it('does not wait for what it measures when the dump has failed', async () => {
      const fake = await makeFakeTools(tools, {
        pg_dump: 'if [ "$PGDATABASE" = beside ]; then exec "$real/pg_dump" "$@"; fi; sleep 1; exit 1',
      })
      await at.inOld(async (sql) => {
        await sql`begin`
        await sql`lock table forced in access exclusive mode`

        const begin = performance.now()
        const ended = await at.run({ BACKUP_PG_BIN: fake, BACKUP_LOCK_TIMEOUT_MS: '60000' })

        expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('pg_dump ended') as string })
        expect(performance.now() - begin).toBeLessThan(20_000)
        await sql`rollback`
      })
      expect(await at.leftovers()).toEqual([])
    })

    it('says that a table of the old server stays locked', async () => {
      await at.inOld(async (sql) => {
        await sql`begin`
        await sql`lock table forced in access exclusive mode`

        expect(await at.run({ BACKUP_LOCK_TIMEOUT_MS: '500' })).toMatchObject({ code: 20 })
        await sql`rollback`
      })
    })

    it.skipIf(!isRoot)('says that the disk is full, and leaves nothing on it', async () => {
      const fake = await makeFakeTools(tools, {
        pg_restore: `dd if=/dev/zero of='${at.folder}/.upgrading/fill' bs=1M 2>/dev/null
          exec "$real/pg_restore" "$@"`,
      })
      await mkdir(at.folder)
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=500m', 'tmpfs', at.folder]).status).toBe(0)
      try {
        const ended = await at.run({ BACKUP_PG_BIN: fake })

        expect(ended).toMatchObject({ code: 51 })
        expect(await at.leftovers()).toEqual([])
      } finally {
        spawnSync('umount', [at.folder])
      }
    })

    it.skipIf(!isRoot)('refuses a disk without room for twice the data', async () => {
      await mkdir(at.folder)
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', at.folder]).status).toBe(0)
      try {
        expect(await at.run()).toMatchObject({
          code: 51,
          stderr: expect.stringContaining('twice the data') as string,
        })
      } finally {
        spawnSync('umount', [at.folder])
      }
    })

    it('refuses a folder that holds a cluster', async () => {
      expect(await at.run()).toMatchObject({ code: 0 })

      expect(await at.run()).toMatchObject({
        code: 54,
        stderr: expect.stringContaining('is not empty') as string,
      })
      expect(existsSync(join(at.folder, 'PG_VERSION'))).toBe(true)
    })
  },
)
