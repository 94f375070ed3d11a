import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadBackfills } from '../../../../src/kit/migrate/backfill/load-backfills.ts'
import { runBackfill } from '../../../../src/kit/migrate/backfill/run-backfill.ts'
import { sqlFiles } from '../../../../src/kit/migrate/check/find-new-files.ts'
import { lintFiles } from '../../../../src/kit/migrate/lint/lint-files.ts'
import { openSession } from '../../../../src/kit/migrate/open-session.ts'
import { rehearse } from '../../../../src/kit/migrate/rehearse/rehearse.ts'
import { renderReport } from '../../../../src/kit/migrate/rehearse/render-report.ts'
import { openMigratorDatabase } from '../../../kit/integration/migrate/support/migrator-database.ts'

const guide = new URL('../../../../docs/how-to/change-the-schema.md', import.meta.url)
const repository = ['0000_create_auth_and_travel']

interface Journal {
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[]
}

/** The repository's first migration and, after it, the files that the guide shows. */
function writeGuideFiles(): { migrations: string; backfills: string; tags: string[] } {
  const root = mkdtempSync(join(tmpdir(), "slipway it's 🚢 "))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const tag of repository) cpSync(`migrations/${tag}.sql`, join(root, `migrations/${tag}.sql`))
  const blocks = readFileSync(guide, 'utf8').matchAll(/```sql file=(\S+)\n([\s\S]*?)```/g)
  const paths = [...blocks].map(([, path = '', sql = '']) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), sql)
    return path
  })
  const tags = paths.flatMap((path) => /^migrations\/(.*)\.sql$/.exec(path)?.[1] ?? [])
  writeJournal(root, tags)
  return { migrations: join(root, 'migrations'), backfills: join(root, 'backfills'), tags }
}

function writeJournal(root: string, tags: readonly string[]): void {
  const journal = JSON.parse(readFileSync('migrations/meta/_journal.json', 'utf8')) as Journal
  const first = journal.entries.filter(({ tag }) => repository.includes(tag))
  const rest = tags.map((tag, index) => {
    const idx = first.length + index
    return {
      idx,
      version: '7',
      when: (first.at(-1)?.when ?? 0) + 1_000 * (index + 1),
      tag,
      breakpoints: true,
    }
  })
  mkdirSync(join(root, 'migrations/meta'), { recursive: true })
  const text = JSON.stringify({ ...journal, entries: [...first, ...rest] })
  writeFileSync(join(root, 'migrations/meta/_journal.json'), text)
}

describe('the guide to changing the schema', () => {
  test('shows migrations that the linter lets pass', async () => {
    const { migrations, tags } = writeGuideFiles()

    expect(tags).toHaveLength(4)
    expect(await lintFiles(migrations, sqlFiles(migrations))).toEqual([])
  })

  test(
    'shows migrations that the rehearsal lets pass, on the schema of this repository',
    { timeout: 120_000 },
    async () => {
      const { migrations, backfills, tags } = writeGuideFiles()
      const { urlFor } = await openMigratorDatabase()
      const urls = { admin: urlFor('postgres'), migrator: urlFor('migrator'), app: urlFor('app') }

      const report = await rehearse({
        urls,
        folder: migrations,
        isNew: (tag) => tags.includes(tag),
        backfills: loadBackfills(backfills),
        rows: 2_000,
        limits: { mostRows: 1_000, longestWaitMs: 5_000, mostConnections: 6 },
      })

      expect(report.isRefused, renderReport(report)).toBe(false)
      expect(report.files.map(({ file, skipped }) => [file, skipped])).toEqual(tags.map((tag) => [tag, []]))
    },
  )

  test('shows a backfill that fills what the contract then demands', async () => {
    const { backfills } = writeGuideFiles()
    const { sql, urlFor } = await openMigratorDatabase()
    await sql`create table itineraries (id uuid primary key, destination text not null, destination_key text)`
    await sql`insert into itineraries values (gen_random_uuid(), 'Oslo', null), (gen_random_uuid(), 'ROMA', 'roma')`
    const session = await openSession({
      url: urlFor('migrator'),
      applicationName: 'test',
      connectTimeoutMs: 5_000,
      lockTimeoutMs: 500,
      statementTimeoutMs: 5_000,
    })
    onTestFinished(() => session.close())
    const [backfill] = loadBackfills(backfills)

    const result =
      backfill &&
      (await runBackfill(backfill, { session, batchSize: 1_000, pauseMs: 0, report: () => undefined }))

    const rows = await sql`select destination_key from itineraries order by 1`
    expect(result).toEqual({ passed: 2, changed: 1, remaining: 0, isFinished: true })
    expect(rows.map((row) => row['destination_key'] as unknown)).toEqual(['oslo', 'roma'])
  })
})
