import { takeAdvisoryLock } from '../advisory-lock.ts'
import { applyFile } from '../apply-file.ts'
import { createJournal } from '../journal.ts'
import { createLockBudget } from '../lock-budget.ts'
import { openObserver } from '../open-observer.ts'
import type { Session, SessionSettings } from '../open-session.ts'
import type { MigrationFile } from '../read-migrations.ts'

/** The traffic never rests: what gets no lock in this time would not get it in production. */
const lockBudgetMs = 10_000

/** The runner's own steps, without its plan: which files are new is what the rehearsal is told. */
export async function applyFiles(
  session: Session,
  settings: SessionSettings,
  files: readonly MigrationFile[],
): Promise<void> {
  const report = (): void => undefined
  const { lockTimeoutMs, statementTimeoutMs } = settings
  const observer = openObserver(settings, session.pid, lockTimeoutMs)
  try {
    await takeAdvisoryLock(session, { waitMs: 10_000, report })
    await createJournal(session)
    const budget = createLockBudget(lockBudgetMs)
    const ctx = { session, observer, budget, report, lockTimeoutMs, statementTimeoutMs, total: files.length }
    for (const file of files) await applyFile(ctx, file)
  } finally {
    await observer.close()
  }
}
