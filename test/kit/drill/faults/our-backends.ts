import { until } from '../../support/until.ts'
import type { Stage } from '../stage.ts'

const ours = ['slipway-api', 'drill-writers']

export function terminateAll(stage: Stage): PromiseLike<unknown> {
  return stage.admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = any(${ours})`
}

/** Ends those that have a transaction open, and says how many. */
export async function terminateInTransactions(stage: Stage): Promise<number> {
  const ended = await stage.admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = any(${ours}) and xact_start is not null and query not like 'begin%'`
  return ended.length
}

export async function countIdleInTransaction(stage: Stage): Promise<number> {
  const [found] = await stage.admin<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity
    where application_name = any(${ours}) and state = 'idle in transaction'`
  return found?.count ?? 0
}

export async function countOurs(stage: Stage): Promise<number> {
  const [found] = await stage.admin<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity where application_name = any(${ours})`
  return found?.count ?? 0
}

/** The process of one of our backends. */
export function anyBackend(stage: Stage): Promise<number> {
  return until('a backend of ours', async () => {
    const [found] = await stage.admin<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name = any(${ours}) order by random() limit 1`
    return found?.pid
  })
}
