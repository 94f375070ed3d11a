import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAgeKey, encryptFor } from './age-keys.ts'
import { backupTools } from './backup-tools.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { postgresTools } from './postgres-tools.ts'
import { openRestoreStage, type RestoreStage } from './restore-stage.ts'
import { runCli, startCli, untilFile } from './run-cli.ts'

const secretText = 'the customer lives in Vienna'

describe.skipIf(postgresTools === undefined || backupTools === undefined)(
  'backup restore of an encrypted backup',
  () => {
    const tools = backupTools ?? ''
    const databaseName = 'sealed live'
    let stage: RestoreStage
    let work: string
    let keys: Record<string, string>
    let backup: string

    const settings = (role: 'migrator' | 'backup', more: Record<string, string> = {}) =>
      stage.settings(role, {
        PATH: `${tools}:${process.env['PATH'] ?? ''}`,
        TMPDIR: work,
        ...keys,
        ...more,
      })
    const restore = (args: string[] = [], more?: Record<string, string>) =>
      runCli(['restore', '--from', backup, ...args], settings('migrator', more))
    const secrets = (database = databaseName): Promise<number> =>
      stage.inDatabase('migrator', database, async (sql) => {
        const [row] = await sql<
          { n: number }[]
        >`select count(*)::int as n from secrets where text = ${secretText}`
        return row?.n ?? -1
      })

    beforeAll(async () => {
      stage = await openRestoreStage(postgresTools ?? '', {
        databaseName,
        prepare: async (sql) => {
          await sql.unsafe(
            `create table secrets as select n, '${secretText}' as text from generate_series(1, 3000) n`,
          )
        },
      })
      work = await mkdtemp(join(tmpdir(), 'slipway-sealed-'))
      keys = await encryptFor(work, createAgeKey(tools), createAgeKey(tools))
      await stage.makeLive()
      const created = await runCli(['create'], settings('backup'))
      if (created.code !== 0) throw new Error(created.stderr)
      backup = created.stdout
    })
    afterAll(async () => {
      await stage.close()
      await rm(work, { recursive: true, force: true })
    })
    beforeEach(() => stage.inLive('migrator', (sql) => sql.unsafe('delete from secrets where n > 1000')))
    afterEach(async () => {
      for (const name of await stage.others())
        await stage.admin.unsafe(`drop database "${name}" with (force)`)
    })

    it('brings the rows back, and one table beside', async () => {
      expect(await restore(['--table', 'secrets', '--into', 'sealed live beside'])).toMatchObject({ code: 0 })
      expect(await secrets('sealed live beside')).toBe(3000)
      expect(await secrets()).toBe(1000)

      expect(await restore()).toMatchObject({ code: 0 })
      expect(await secrets()).toBe(3000)
    })

    it('has the content in plain on no disk, in the middle of the restore neither', async () => {
      const temporary = join(work, 'tmp')
      await mkdir(temporary)
      const marker = join(work, 'restoring')
      const stopping = await makeFakeTools(stage.server.tools, {
        pg_restore: exceptVersion(
          'pg_restore',
          `case "$*" in *--list*) exec "$real/pg_restore" "$@" ;; esac\ntouch '${marker}'\nwhile [ -e '${marker}' ]; do sleep 0.05; done\nexec "$real/pg_restore" "$@"`,
        ),
      })
      const { ended } = startCli(
        ['restore', '--from', backup],
        settings('migrator', { BACKUP_PG_BIN: stopping, TMPDIR: temporary }),
      )
      await untilFile(marker)

      const found = spawnSync(
        'grep',
        ['-rlaE', `${secretText}|PGDMP`, join(stage.folder, backup), temporary],
        {
          encoding: 'utf8',
        },
      )
      await rm(marker)

      expect(found).toMatchObject({ status: 1, stdout: '' })
      expect(await ended).toMatchObject({ code: 0 })
      expect(spawnSync('ls', ['-A', temporary], { encoding: 'utf8' }).stdout).toBe('')
    })

    it.each([
      ['is somebody else\u2019s', () => createAgeKey(tools).identity, 'the key does not open'],
      ['is empty', () => '', 'holds no key to decrypt with'],
    ])('touches nothing when the key %s', async (_what, identity, sentence) => {
      const file = join(work, 'other_identity')
      await writeFile(file, identity())

      const ended = await restore([], { BACKUP_AGE_IDENTITY_FILE: file })

      expect(ended).toMatchObject({ code: 55, stderr: expect.stringContaining(sentence) as string })
      expect(ended.stderr).not.toContain('AGE-SECRET-KEY')
      expect(await secrets()).toBe(1000)
      expect(await stage.others()).toEqual([])
    })
  },
)
