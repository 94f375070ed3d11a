import type { Plan } from './make-plan.ts'

/** By metric name; what a run adds (success, time, duration) comes from its `done` and `failed` events. */
export function migrationMetrics(plan: Plan): Record<string, number> {
  return {
    migrations_applied: plan.applied.length,
    migrations_pending: plan.pending.length,
  }
}
