import type { Plan } from '../make-plan.ts'
import { migrationMetrics } from '../migration-metrics.ts'
import type { RunSettings } from '../run-settings.ts'
import type { Outcome } from './outcome.ts'
import { describeFinding, exitOf, readOnlyPlan } from './read-only-plan.ts'

function sentences(plan: Plan): string[] {
  return [
    `applied  ${plan.applied.length}${plan.applied.length === 0 ? '' : `  newest ${plan.applied.at(-1)?.tag ?? ''}`}`,
    `pending  ${plan.pending.length}`,
    ...plan.pending.map((file) => `  ${file.tag}`),
    ...plan.findings.map(describeFinding),
  ]
}

/** Compares the database with the folder. */
export async function showStatus(settings: RunSettings): Promise<Outcome> {
  const plan = await readOnlyPlan(settings)
  const exit = exitOf(plan)
  return {
    exit,
    json: {
      exit,
      applied: plan.applied.map((file) => file.tag),
      pending: plan.pending.map((file) => file.tag),
      findings: plan.findings,
      metrics: migrationMetrics(plan),
    },
    text: sentences(plan).join('\n'),
    porcelain: {
      lines: plan.pending.map((file) => `pending=${file.tag}`),
      sentences: plan.findings.map(describeFinding),
    },
  }
}
