import type { Backfill } from '../backfill/parse-backfill.ts'
import { errorCode } from '../error-code.ts'
import { CommandError } from '../../errors.ts'
import { openSession, type Session, type SessionSettings } from '../open-session.ts'
import { type MigrationFile, readMigrations } from '../read-migrations.ts'
import { StatementError } from '../statement-error.ts'
import { applyFiles } from './apply-files.ts'
import type { Limits } from './judge.ts'
import { type FileReport, rehearseFile } from './rehearse-file.ts'
import type { RequestProbe } from './request-probe.ts'
import type { SeededTable } from './seed-table.ts'
import { seedTables } from './seed-tables.ts'
import { type Sessions, sessionsOf, type Urls } from './sessions.ts'

export interface RehearsalSettings {
  /** Addresses of one disposable database that holds the roles of ops/postgres/roles.sql and nothing else. */
  urls: Urls
  folder: string
  /** Tags to rehearse; the others are applied first and in silence. */
  isNew: (tag: string) => boolean
  /** Run in full on the seeded rows before each new file, as far as their columns are there: a live database has had them. */
  backfills?: readonly Backfill[]
  /** In each table. */
  rows: number
  limits: Limits
  /** The requests of the application, sent before and after each file. */
  probe?: RequestProbe
  /** Reads the privileges that the API's role lacks, after the last file. */
  lacking?: () => Promise<string[]>
  say?: (line: string) => void
}

export interface RehearsalReport {
  rows: number
  files: FileReport[]
  lacking: string[]
  /** True when a file has an unacknowledged objection, or the API lacks a privilege. */
  isRefused: boolean
}

/** Old files, rows, then each new file under traffic; it stops at the first that does not apply. */
export async function rehearse(settings: RehearsalSettings): Promise<RehearsalReport> {
  const { folder, isNew, rows, limits, say = () => undefined } = settings
  const sessions = sessionsOf(settings.urls)
  const all = readMigrations(folder)
  await applyOld(
    sessions.migrator,
    all.filter(({ tag }) => !isNew(tag)),
  )
  const ours = new Set<string>()
  const files: FileReport[] = []
  for (const file of all.filter(({ tag }) => isNew(tag))) {
    say(`seeding up to ${rows} rows in each table`)
    const tables = await seed(sessions, settings, ours)
    say(`applying ${file.tag} under traffic on ${tables.length} tables`)
    const report = await rehearseFile(sessions, file, tables, limits, settings.probe)
    files.push(report)
    if (report.objections.some(({ rule }) => rule === 'rehearsal-failed')) break
  }
  const isWhole = !files.some(({ objections }) => objections.some(({ rule }) => rule === 'rehearsal-failed'))
  const lacking = isWhole ? ((await settings.lacking?.()) ?? []) : []
  const isObjected = files.some(({ objections }) => objections.some(({ acknowledged }) => !acknowledged))
  return { rows, files, lacking, isRefused: isObjected || lacking.length > 0 }
}

async function seed(
  sessions: Sessions,
  { rows, backfills = [] }: RehearsalSettings,
  ours: Set<string>,
): Promise<SeededTable[]> {
  const admin = await openSession(sessions.admin)
  try {
    const tables = await seedTables(admin, rows, ours)
    for (const backfill of backfills) await runInFull(admin, backfill)
    return tables
  } finally {
    await admin.close()
  }
}

const undefinedNames = new Set(['42703', '42P01', '3F000'])

async function runInFull(admin: Session, { head, condition }: Backfill): Promise<void> {
  try {
    await admin.run(`${head} ${condition}`)
  } catch (err) {
    // Its table or column comes with a later file, or went with an earlier one.
    if (!undefinedNames.has(errorCode(err))) throw err
  }
}

/** Applies the files of the base branch, which the database has before the release. */
async function applyOld(settings: SessionSettings, files: readonly MigrationFile[]): Promise<void> {
  const session = await openSession(settings)
  const at = { file: '' }
  try {
    for (const file of files) {
      at.file = file.tag
      await applyFiles(session, settings, [file])
    }
  } catch (err) {
    if (!(err instanceof StatementError)) throw err
    throw new CommandError(
      'failed',
      `${at.file} cannot be applied before the new files: SQLSTATE ${errorCode(err.cause)}`,
      {
        hint: 'it is not new, so it is not rehearsed; name the base branch with --base',
        cause: err,
      },
    )
  } finally {
    await session.close()
  }
}
