import { catalogLines } from '../catalog-lines.ts'
import { openSession, type SessionSettings } from '../open-session.ts'
import type { MigrationFile } from '../read-migrations.ts'
import { applyFiles } from './apply-files.ts'
import { acknowledgedStatements, type Limits, type Objection, objectTo, objectToErrors } from './judge.ts'
import { observeSession, type ObservedStatement } from './observe-session.ts'
import { openLockSampler } from './open-lock-sampler.ts'
import { openTraffic, type Traffic } from './open-traffic.ts'
import { type SeededTable } from './seed-table.ts'
import { reportStatement, type StatementReport } from './statement-report.ts'

export interface FileReport {
  file: string
  statements: StatementReport[]
  objections: Objection[]
  /** Lines of the catalog that came and went. */
  catalogAdded: string[]
  catalogRemoved: string[]
  operations: number
  /** Tables and operations that the traffic leaves out, and why. */
  skipped: string[]
}

export interface Sessions {
  /** Superuser: looks. */
  admin: SessionSettings
  /** Applies, as in production. */
  migrator: SessionSettings
  /** Works on the tables meanwhile. */
  app: SessionSettings
}

/** Applies one file by the runner's own hand while readers and writers work on every table that was there before. */
export async function rehearseFile(
  sessions: Sessions,
  file: MigrationFile,
  tables: readonly SeededTable[],
  limits: Limits,
): Promise<FileReport> {
  const admin = await openSession(sessions.admin)
  const before = await catalogLines(admin)
  const traffic = await openTraffic(sessions.app, tables)
  try {
    await traffic.settle()
    const observed = await applyObserved(sessions, file)
    await traffic.settle()
    const after = await catalogLines(admin)
    return makeReport(file, observed, tables, traffic, limits, changesOf(before, after))
  } finally {
    await traffic.close()
    await admin.close()
  }
}

async function applyObserved(sessions: Sessions, file: MigrationFile): Promise<ObservedStatement[]> {
  const inner = await openSession(sessions.migrator)
  const sampler = await openLockSampler(sessions.admin)
  const session = observeSession(inner, file, sampler)
  try {
    await applyFiles(session, sessions.migrator, [file])
    return session.observed()
  } catch (err) {
    // A statement that fails, or that gets no lock within the budget, is what the rehearsal is there to find.
    if (session.observed().some(({ error }) => error !== undefined)) return session.observed()
    throw err
  } finally {
    await sampler.close()
    await inner.close()
  }
}

function changesOf(
  before: readonly string[],
  after: readonly string[],
): { added: string[]; removed: string[] } {
  const [old, now] = [new Set(before), new Set(after)]
  return { added: after.filter((line) => !old.has(line)), removed: before.filter((line) => !now.has(line)) }
}

function makeReport(
  file: MigrationFile,
  observed: readonly ObservedStatement[],
  tables: readonly SeededTable[],
  traffic: Traffic,
  limits: Limits,
  changes: { added: string[]; removed: string[] },
): FileReport {
  const statements = observed.map((each) => reportStatement(each, tables, traffic.operations))
  const given = acknowledgedStatements(file.statements.join('--> statement-breakpoint'))
  const objections: Objection[] = statements.flatMap((report) =>
    objectTo(report, tables, limits).map((draft) => ({
      ...draft,
      statement: report.statement,
      acknowledged: given.has(report.statement) && draft.rule !== 'rehearsal-failed',
    })),
  )
  const errors = objectToErrors(traffic.operations, observed[0]?.begin ?? 0).map((draft) => ({
    ...draft,
    statement: undefined,
    acknowledged: given.size > 0,
  }))
  return {
    file: file.tag,
    statements,
    objections: [...objections, ...errors],
    catalogAdded: changes.added,
    catalogRemoved: changes.removed,
    operations: traffic.operations.length,
    skipped: traffic.skipped,
  }
}
