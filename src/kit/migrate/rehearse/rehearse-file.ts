import { catalogLines } from '../../postgres/catalog-lines.ts'
import { openSession, type Session } from '../open-session.ts'
import type { MigrationFile } from '../read-migrations.ts'
import { applyFiles } from './apply-files.ts'
import { readCatalogFacts, type SequenceFact } from './catalog-facts.ts'
import {
  acknowledgedStatements,
  type Draft,
  type Limits,
  type Objection,
  objectTo,
  objectToErrors,
} from './judge.ts'
import { objectToCatalog } from './judge-catalog.ts'
import { type Answer, noRequests, objectToAnswers, type RequestProbe } from './request-probe.ts'
import { observeSession, type ObservedStatement } from './observe-session.ts'
import { openLockSampler } from './open-lock-sampler.ts'
import { openTraffic, type Traffic } from './open-traffic.ts'
import type { SeededTable } from './seed-table.ts'
import type { Sessions } from './sessions.ts'
import { type KnownTable, reportStatement, type StatementReport } from './statement-report.ts'

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

/** Applies one file by the runner's own hand while readers and writers work on every table that was there before. */
export async function rehearseFile(
  sessions: Sessions,
  file: MigrationFile,
  tables: readonly SeededTable[],
  limits: Limits,
  probe: RequestProbe = noRequests,
): Promise<FileReport> {
  const admin = await openSession(sessions.admin)
  const before = await lookAt(admin, probe)
  const traffic = await openTraffic(sessions.app, tables, limits.mostConnections)
  try {
    await traffic.settle()
    const observed = await applyObserved(sessions, file)
    await traffic.settle()
    await traffic.verify()
    const failed = observed.some(({ error }) => error !== undefined)
    const after = { ...(await lookAt(admin, failed ? noRequests : probe)), failed }
    return makeReport({ file, observed, tables, traffic, limits, before, after })
  } finally {
    await traffic.close()
    await admin.close()
  }
}

interface Look {
  lines: string[]
  known: KnownTable[]
  sequences: SequenceFact[]
  answers: Answer[]
}

async function lookAt(admin: Session, probe: RequestProbe): Promise<Look> {
  const { sequences } = await readCatalogFacts(admin)
  const known = await admin.run<KnownTable & Record<string, unknown>>(partitionsSql)
  return { lines: await catalogLines(admin), known, sequences, answers: await probe.run() }
}

const partitionsSql = `
  select c.oid::int as oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name, greatest(0, c.reltuples)::int as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relispartition and c.relkind = 'r'`

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

interface Rehearsed {
  file: MigrationFile
  observed: readonly ObservedStatement[]
  tables: readonly SeededTable[]
  traffic: Traffic
  limits: Limits
  before: Look
  after: Look & { failed: boolean }
}

function makeReport(rehearsed: Rehearsed): FileReport {
  const { file, observed, tables, traffic, before, after } = rehearsed
  const known: KnownTable[] = [...tables, ...before.known]
  const statements = observed.map((each) => reportStatement(each, known, traffic.operations))
  const given = acknowledgedStatements(file.statements.join('--> statement-breakpoint'))
  const changes = changesOf(before.lines, after.lines)
  const requests = after.failed ? { drafts: [], skipped: [] } : objectToAnswers(before.answers, after.answers)
  const ofFile = [...objectToErrors(traffic.operations, observed[0]?.begin ?? 0), ...requests.drafts]
  return {
    file: file.tag,
    statements,
    objections: [
      ...statements.flatMap((report, index) => ofStatement(rehearsed, known, report, observed[index], given)),
      ...ofFile.map((draft) => ({ ...draft, statement: undefined, acknowledged: given.size > 0 })),
    ],
    catalogAdded: changes.added,
    catalogRemoved: changes.removed,
    operations: traffic.operations.length,
    skipped: [...traffic.skipped, ...requests.skipped],
  }
}

function ofStatement(
  { limits, before }: Rehearsed,
  known: readonly KnownTable[],
  report: StatementReport,
  observed: ObservedStatement | undefined,
  given: ReadonlySet<number>,
): Objection[] {
  const drafts: Draft[] = objectTo(report, known, limits)
  if (observed)
    drafts.push(...objectToCatalog(observed.catalog.before, observed.catalog.after, before.sequences))
  const isGiven = given.has(report.statement)
  return drafts.map((draft) => ({
    ...draft,
    statement: report.statement,
    acknowledged: isGiven && draft.rule !== 'rehearsal-failed',
  }))
}
