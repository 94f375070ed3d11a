import type { Plan } from './make-plan.ts'

/** By metric name; what a run adds (success, time, duration) comes from its `done` and `failed` events. */
export const migrationMetrics = (plan: Plan): Record<string, number> => ({
  migrations_applied: plan.applied.length,
  migrations_pending: plan.pending.length,
})
