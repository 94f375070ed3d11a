import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCertificate } from '../../support/certificate.ts'
import { openS3Server, type S3Server } from '../../support/s3-server.ts'
import { undocumentedSeries } from '../../support/undocumented-series.ts'
import { until } from '../../support/until.ts'
import { archiveNow } from './archive-now.ts'
import { openArchivedServer, type ArchivedServer, type Ended } from './archived-server.ts'
import { metricsWhen, segmentsOf } from './look-at-archive.ts'
import { continuousTools } from './tools.ts'

const wrongKey = 'a-wrong-secret-of-the-storage'

interface Fault {
  fault: string
  begin: () => Promise<void> | void
  end: () => Promise<void> | void
  sentence: string
  hint: string
}

describe.skipIf(continuousTools === undefined)(
  'a second repository whose storage fails',
  { timeout: 240_000 },
  () => {
    let storage: S3Server
    let server: ArchivedServer
    let sql: Sql

    beforeAll(async () => {
      storage = await openS3Server({ tools: continuousTools?.engine ?? '' })
      server = await openArchivedServer({ offsite: storage })
      sql = server.connect()
      await sql`create table steps (i int generated always as identity)`
      const base = await server.backup(['base', '--full'])
      expect(base, base.stderr).toMatchObject({ code: 0 })
    }, 90_000)
    afterAll(async () => {
      await sql.end()
      await server.close()
      await storage.close()
    })

    const segmentsHere = async (): Promise<string[]> =>
      segmentsOf(await readdir(server.repository, { recursive: true }))
    const segmentsThere = async (): Promise<string[]> => segmentsOf(await storage.objectFiles())

    /** A write, and its segment is ended; returns the name of the segment. */
    const write = async (): Promise<string> => {
      await sql`insert into steps default values`
      const [row] = await sql<{ segment: string }[]>`select pg_walfile_name(pg_switch_wal()) as segment`
      return row?.segment ?? ''
    }

    const basesHere = (list: Ended): number => Number(/^ {2}here: (\d+) base/m.exec(list.stdout)?.[1])

    /** The server reads its key when it starts, the backups at each run. */
    const useKey = async (key: string): Promise<void> => {
      await writeFile(join(server.home, 'secrets/offsite_secret_access_key'), key)
      await sql.end()
      await server.stop()
      await server.start()
      sql = server.connect()
    }

    const faults: Fault[] = [
      {
        fault: 'refuses the key',
        begin: () => useKey(wrongKey),
        end: () => useKey(storage.secretAccessKey),
        sentence: 'the off-site storage refuses the key',
        hint: 'compare offsite_access_key_id and offsite_secret_access_key in secrets/db and secrets/backup',
      },
      {
        fault: 'has lost the bucket',
        begin: () => storage.hideBucket(),
        end: () => storage.showBucket(),
        sentence: 'the off-site storage has no such bucket',
        hint: 'make the bucket, or correct OFFSITE_S3_BUCKET',
      },
      {
        fault: 'takes requests and never answers',
        begin: () => storage.freeze(),
        end: () => storage.heal(),
        sentence: 'the off-site storage cannot be reached',
        hint: 'is EGRESS_INTERNAL=false in .env, and OFFSITE_S3_ENDPOINT right?',
      },
    ]

    it.each(faults)(
      'that $fault › stops neither writes nor the archive here, is said, and is made up for',
      async ({ begin, end, sentence, hint }) => {
        const before = basesHere(await server.backup(['list']))
        await begin()

        const first = await write()
        const second = await write()
        const base = await server.backup(['base', '--full'])
        const shown = await metricsWhen(server, (text) =>
          text.includes('backup_archive_unreadable{repository="repo2"} 1'),
        )
        const list = await server.backup(['list'])
        for (const segment of [first, second]) {
          const isHere = async (): Promise<boolean> => (await segmentsHere()).includes(segment)
          await until(`${segment} is here`, isHere, { deadlineMs: 60_000 })
          expect(await segmentsThere()).not.toContain(segment)
        }

        expect(base).toMatchObject({ code: 58 })
        expect(base.stderr).toMatch(/^repo1: full base backup, read back/)
        expect(basesHere(list)).toBe(before + 1)
        expect(shown).toContain('backup_archive_unreadable{repository="repo1"} 0')
        expect(undocumentedSeries(shown)).toEqual([])
        expect(list.stdout).toContain(`  offsite: repo2 of the archive cannot be read: ${sentence}, `)
        expect(list.stdout).toContain(`\n    hint: ${hint}`)
        for (const text of [base.stderr, list.stdout, await server.log()])
          expect(text).not.toMatch(new RegExp(`${wrongKey}|authorization: (?!<redacted>)`, 'i'))

        await end()
        const isThere = async (): Promise<boolean> => (await segmentsThere()).includes(second)
        await until(`${second} is off-site too`, isThere, { deadlineMs: 90_000 })
        await archiveNow(server, sql)
        const after = await server.backup(['base'])
        expect(after, after.stderr).toMatchObject({ code: 0 })
        expect((await server.backup(['list'])).stdout).toMatch(/^ {2}offsite: \d+ base backups?, any moment/m)
      },
    )

    it('that takes requests and never answers › does not keep the archive here from being seen', async () => {
      const isRead = (repository: string, value: 0 | 1) => (text: string) =>
        text.includes(`backup_archive_unreadable{repository="${repository}"} ${value}`)
      await rm(join(server.backups, 'state/continuous.json'))
      storage.freeze()

      const first = await metricsWhen(server, isRead('repo1', 0))
      await metricsWhen(server, isRead('repo2', 1))
      const list = await server.backup(['list'])
      storage.heal()

      expect(first).not.toContain('backup_archive_unreadable{repository="repo2"}')
      expect(list.stdout).toContain(
        'repo2 of the archive cannot be read: the off-site storage cannot be reached',
      )
      expect(list.stdout).toContain('timeout after 3000ms')
    })

    it('does not take an authority that is not trusted for a wrong key of the archive', async () => {
      const stranger = join(server.home, 'stranger.pem')
      await writeFile(stranger, createCertificate(['DNS:localhost']).cert)

      const base = await server.backup(['base'], { OFFSITE_S3_CA_FILE: stranger })

      expect(base).toMatchObject({ code: 58 })
      expect(base.stderr).toContain('the certificate of the off-site storage is not trusted')
      expect(base.stderr).toContain('hint: OFFSITE_S3_CA_FILE names the authority')
    })
  },
)
