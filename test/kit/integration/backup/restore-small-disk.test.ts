import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresTools } from './postgres-tools.ts'
import { openRestoreStage, type RestoreStage } from './restore-stage.ts'

const beforeRestore = [`💾 50% 'q'`, 'tab\there', 'later']
const roomBytes = 20 * 1024 * 1024

describe.skipIf(postgresTools === undefined || process.getuid?.() !== 0)(
  'backup restore on a small disk',
  () => {
    let disk: string
    let logFolder: string
    let stage: RestoreStage

    beforeAll(async () => {
      logFolder = await mkdtemp('/var/tmp/slipway-small-disk-log-')
      disk = await mkdtemp(join(tmpdir(), 'slipway-small-disk-'))
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', disk])
      if (mounted.status !== 0) throw new Error(`mount failed: ${mounted.stderr.toString()}`)
      stage = await openRestoreStage(postgresTools ?? '', {
        databaseName: 'small live',
        home: disk,
        // Elsewhere, so that it is the data that fills the disk: a full log is a crash of the server.
        logFolder,
        prepare: async (sql) => {
          await sql.unsafe(
            'create table big as select n, repeat(md5(n::text), 20) as text from generate_series(1, 40000) n',
          )
        },
      })
      await stage.makeLive()
    }, 120_000)
    afterAll(async () => {
      await stage.close()
      spawnSync('umount', [disk])
      await rm(disk, { recursive: true, force: true })
      await rm(logFolder, { recursive: true, force: true })
    })

    it('leaves the live database alone when the disk of the data fills up on the way', async () => {
      const filler = join(disk, 'filler')
      // What is still in memory alone would need its room later, of all times when the half-made database is dropped.
      await stage.admin`checkpoint`
      // Enough for an empty database and not for the rows of this one.
      const { bavail, bsize } = await statfs(disk)
      spawnSync('fallocate', ['-l', String(bavail * bsize - roomBytes), filler])

      const ended = await stage.restore()
      await rm(filler)

      expect(ended).toMatchObject({
        code: 51,
        stderr: expect.stringContaining('No space left on device') as string,
      })
      expect(await stage.notes()).toEqual(beforeRestore)
      expect(await stage.others()).toEqual([])
    })
  },
)
