import { readJournal } from '../journal.ts'
import { makePlan, type Finding, type Plan } from '../make-plan.ts'
import type { ExitName } from '../../errors.ts'
import { readMigrations } from '../read-migrations.ts'
import type { RunSettings } from '../run-settings.ts'
import { withSession } from '../with-session.ts'

/** Compares folder and database in a session that creates nothing; any role that may read the journal will do. */
export async function readOnlyPlan(settings: RunSettings): Promise<Plan> {
  const files = readMigrations(settings.folder)
  return withSession(settings, async (session) =>
    makePlan(files, await readJournal(session), { allowOutOfOrder: settings.allowOutOfOrder }),
  )
}

export function exitOf(plan: Plan): ExitName {
  const fault = plan.findings.find((finding) => finding.exit !== undefined)
  if (fault?.exit !== undefined) return fault.exit
  return plan.pending.length > 0 ? 'pending' : 'ok'
}

export function describeFinding(finding: Finding): string {
  return `${finding.exit === undefined ? 'warning' : 'error'}: ${finding.message}\n  hint: ${finding.hint}`
}
