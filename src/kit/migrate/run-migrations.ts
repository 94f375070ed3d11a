import { releaseAdvisoryLock, takeAdvisoryLock } from './advisory-lock.ts'
import { applyFile } from './apply-file.ts'
import { cancelOnAbort } from './cancel-on-abort.ts'
import type { Report } from './event.ts'
import { explainFailure } from './explain-failure.ts'
import { refuseUnrepeatable } from './find-unrepeatable.ts'
import { createJournal, readJournal } from './journal.ts'
import { createLockBudget } from './lock-budget.ts'
import { makePlan, type Plan } from './make-plan.ts'
import { CommandError } from '../errors.ts'
import { openObserver } from './open-observer.ts'
import type { Session } from './open-session.ts'
import { readMigrations, type MigrationFile } from './read-migrations.ts'
import type { RunContext } from './run-context.ts'
import { StatementError } from './statement-error.ts'
import type { RunSettings } from './run-settings.ts'
import { sessionSettings, withSession } from './with-session.ts'

export interface RunResult {
  /** Tags applied by this run, in order. */
  applied: string[]
  /** Files that were applied before. */
  present: number
  ms: number
}

const quiet: Report = () => undefined

/** Reads the journal, reports warnings, and throws the first finding that forbids the run. */
async function loadPlan(session: Session, files: MigrationFile[], settings: RunSettings): Promise<Plan> {
  const plan = makePlan(files, await readJournal(session), { allowOutOfOrder: settings.allowOutOfOrder })
  const fault = plan.findings.find((finding) => finding.exit !== undefined)
  if (fault?.exit !== undefined) {
    const fields = { code: fault.code, file: fault.subject }
    throw new CommandError(fault.exit, fault.message, { hint: fault.hint, fields })
  }
  return plan
}

function reportWarnings(plan: Plan, report: Report): void {
  for (const { code, subject, message, hint } of plan.findings) {
    report({ event: 'warning', msg: message, code, file: subject, hint })
  }
}

async function applyOne(ctx: RunContext, file: MigrationFile, place: number): Promise<void> {
  const startedAt = performance.now()
  const base = { file: file.tag, position: place, total: ctx.total }
  ctx.report({ event: 'file_begin', msg: 'applying', ...base })
  try {
    const attempt = await applyFile(ctx, file)
    const ms = Math.round(performance.now() - startedAt)
    ctx.report({
      event: 'file_applied',
      msg: 'applied',
      ...base,
      attempt,
      ms,
      statements: file.statements.length,
    })
  } catch (err) {
    throw err instanceof StatementError ? explainFailure(file, err) : err
  }
}

async function applyPending(session: Session, files: MigrationFile[], settings: RunSettings): Promise<Plan> {
  const report = settings.report ?? quiet
  const { signal } = settings
  await takeAdvisoryLock(session, { waitMs: settings.lockWaitMs, report, signal })
  await createJournal(session)
  const plan = await loadPlan(session, files, settings)
  // A new database has no rows that a second run could damage, and old files cannot change any more.
  if (plan.applied.length > 0) refuseUnrepeatable(plan.pending)
  const { lockTimeoutMs, statementTimeoutMs } = sessionSettings(settings)
  const observer = openObserver(sessionSettings(settings), session.pid, lockTimeoutMs / 4)
  const budget = createLockBudget(settings.lockBudgetMs)
  const total = plan.pending.length
  const ctx = { session, observer, budget, report, signal, lockTimeoutMs, statementTimeoutMs, total }
  const stopListening = cancelOnAbort(session, observer, signal)
  try {
    for (const [index, file] of plan.pending.entries()) await applyOne(ctx, file, index + 1)
    await releaseAdvisoryLock(session)
    return plan
  } finally {
    stopListening()
    await observer.close()
  }
}

async function runInSession(
  session: Session,
  files: MigrationFile[],
  settings: RunSettings,
): Promise<RunResult> {
  const startedAt = performance.now()
  const report = settings.report ?? quiet
  const first = await loadPlan(session, files, settings)
  reportWarnings(first, report)
  const present = first.applied.length
  if (first.pending.length === 0) {
    report({ event: 'up_to_date', msg: 'nothing to do', present })
    return { applied: [], present, ms: Math.round(performance.now() - startedAt) }
  }
  report({ event: 'plan', msg: 'pending', present, pending: first.pending.map((file) => file.tag) })
  const plan = await applyPending(session, files, settings)
  const applied = plan.pending.map((file) => file.tag)
  const ms = Math.round(performance.now() - startedAt)
  report({ event: 'done', msg: 'the database is up to date', applied: applied.length, ms })
  return { applied, present: plan.applied.length, ms }
}

/** Brings the database to the newest file of the folder. Throws a CommandError, whose `exit` names the exit code. */
export async function runMigrations(settings: RunSettings): Promise<RunResult> {
  const files = readMigrations(settings.folder)
  return withSession(settings, (session) => runInSession(session, files, settings))
}
