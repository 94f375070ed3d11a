import type { MigrationFile } from '../read-migrations.ts'
import type { RunSettings } from '../run-settings.ts'
import type { Outcome } from './outcome.ts'
import { describeFinding, exitOf, readOnlyPlan } from './read-only-plan.ts'

function mode(file: MigrationFile): string {
  return file.isTransactional ? 'one transaction' : 'statement by statement, outside a transaction'
}

function describeFile(file: MigrationFile): string {
  return [`-- ${file.tag}: ${file.statements.length} statements, ${mode(file)}`, ...file.statements]
    .join('\n')
    .trimEnd()
}

/** The SQL that `up` would run now, in order. */
export async function showPlan(settings: RunSettings): Promise<Outcome> {
  const plan = await readOnlyPlan(settings)
  const exit = exitOf(plan)
  const files = plan.pending.map(({ tag, isTransactional, statements }) => ({
    tag,
    isTransactional,
    statements,
  }))
  const text = [...plan.findings.map(describeFinding), ...plan.pending.map(describeFile)].join('\n')
  return {
    exit,
    json: { exit, pending: files, findings: plan.findings },
    text: text === '' ? 'nothing to do' : text,
  }
}
