import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSession } from '../open-session.ts'
import { readMigrations } from '../read-migrations.ts'
import { runMigrations } from '../run-migrations.ts'
import type { Limits } from './judge.ts'
import { type FileReport, rehearseFile, type Sessions } from './rehearse-file.ts'
import type { SeededTable } from './seed-table.ts'
import { seedTables } from './seed-tables.ts'

export interface RehearsalSettings {
  /** Addresses of one throw-away database with the roles of ops/postgres/roles.sql and nothing else in it. */
  urls: { admin: string; migrator: string; app: string }
  folder: string
  /** Tags to rehearse; the others are applied first and in silence. */
  isNew: (tag: string) => boolean
  /** In each table. */
  rows: number
  limits: Limits
  say?: (line: string) => void
}

export interface RehearsalReport {
  rows: number
  files: FileReport[]
  /** A file has an objection that nobody has acknowledged. */
  isRefused: boolean
}

/** Old files, rows, then each new file under traffic; it stops at the first that does not apply. */
export async function rehearse(settings: RehearsalSettings): Promise<RehearsalReport> {
  const { folder, isNew, rows, limits, say = () => undefined } = settings
  const sessions = sessionsOf(settings.urls)
  await applyOld(settings)
  const ours = new Set<string>()
  const files: FileReport[] = []
  for (const file of readMigrations(folder).filter(({ tag }) => isNew(tag))) {
    say(`seeding up to ${rows} rows in each table`)
    const tables = await seed(sessions, rows, ours)
    say(`applying ${file.tag} under traffic on ${tables.length} tables`)
    const report = await rehearseFile(sessions, file, tables, limits)
    files.push(report)
    if (report.objections.some(({ rule }) => rule === 'rehearsal-failed')) break
  }
  const isRefused = files.some(({ objections }) => objections.some(({ acknowledged }) => !acknowledged))
  return { rows, files, isRefused }
}

function sessionsOf(urls: RehearsalSettings['urls']): Sessions {
  const common = { connectTimeoutMs: 10_000 }
  // The timeouts of production: the runner's, and those that the API sets for itself.
  return {
    admin: {
      ...common,
      url: urls.admin,
      applicationName: 'rehearsal',
      lockTimeoutMs: 0,
      statementTimeoutMs: 0,
    },
    migrator: {
      ...common,
      url: urls.migrator,
      applicationName: 'slipway-migrate',
      lockTimeoutMs: 500,
      statementTimeoutMs: 600_000,
    },
    app: {
      ...common,
      url: urls.app,
      applicationName: 'traffic',
      lockTimeoutMs: 2_000,
      statementTimeoutMs: 5_000,
    },
  }
}

async function seed(sessions: Sessions, rows: number, ours: Set<string>): Promise<SeededTable[]> {
  const admin = await openSession(sessions.admin)
  try {
    return await seedTables(admin, rows, ours)
  } finally {
    await admin.close()
  }
}

/** The old files by themselves, in a folder of their own with a journal that knows no others. */
async function applyOld({ urls, folder, isNew }: RehearsalSettings): Promise<void> {
  const copy = mkdtempSync(join(tmpdir(), 'slipway-rehearsal-'))
  try {
    const journal = JSON.parse(readFileSync(join(folder, 'meta/_journal.json'), 'utf8')) as {
      entries: { tag: string }[]
    }
    const entries = journal.entries.filter(({ tag }) => !isNew(tag))
    mkdirSync(join(copy, 'meta'))
    writeFileSync(join(copy, 'meta/_journal.json'), JSON.stringify({ ...journal, entries }))
    for (const { tag } of entries) copyFileSync(join(folder, `${tag}.sql`), join(copy, `${tag}.sql`))
    await runMigrations({ url: urls.migrator, folder: copy })
  } finally {
    rmSync(copy, { recursive: true })
  }
}
