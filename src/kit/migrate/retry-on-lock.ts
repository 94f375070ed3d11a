import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from './error-code.ts'
import { CommandError } from '../errors.ts'
import type { Blocker } from './open-observer.ts'
import type { MigrationFile } from './read-migrations.ts'
import type { RunContext } from './run-context.ts'
import { StatementError } from './statement-error.ts'

const lockConflicts = new Set(['55P03', '40P01'])
const longestPauseMs = 2_000

function nameBlockers(blockers: Blocker[]): string {
  return blockers
    .map((each) => {
      const age = each.transaction_age_seconds === null ? '' : `, ${each.transaction_age_seconds} s`
      return `pid ${each.pid} (${each.application ?? 'unnamed'}, ${each.role ?? 'no role'}${age})`
    })
    .join(', ')
}

function budgetSpent(
  ctx: RunContext,
  file: MigrationFile,
  err: StatementError,
  attempt: number,
): CommandError {
  const facts = ctx.observer.blockers()
  const who = facts.blockers.length === 0 ? '' : `; in the way: ${nameBlockers(facts.blockers)}`
  return new CommandError(
    'lock_budget_spent',
    `${file.tag} got no lock in ${attempt} attempts within ${ctx.budget.totalMs} ms${who}`,
    {
      hint: 'end the transactions in the way (pg_terminate_backend), or wait for a quieter time, then run this again',
      fields: {
        file: file.tag,
        statement: err.statement,
        attempt,
        sql_state: errorCode(err.cause),
        ...facts,
      },
    },
  )
}

/**
 * Retries `work` while locks of other sessions make it fail. Every attempt waits at most lock_timeout, because
 * sessions that queue behind a waiting ALTER TABLE wait as long as it does; there is no last attempt without the
 * limit.
 */
export async function retryOnLock(
  ctx: RunContext,
  file: MigrationFile,
  work: () => Promise<void>,
): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const startedAt = performance.now()
    try {
      await ctx.observer.watch(work)
      return attempt
    } catch (err) {
      if (!(err instanceof StatementError) || !lockConflicts.has(errorCode(err.cause))) throw err
      const ms = Math.round(performance.now() - startedAt)
      const pauseMs = (0.5 + Math.random()) * Math.min(longestPauseMs, 100 * 2 ** Math.min(attempt, 6))
      ctx.budget.spend(ms + pauseMs)
      if (ctx.budget.leftMs() < ctx.lockTimeoutMs) throw budgetSpent(ctx, file, err, attempt)
      ctx.report({
        event: 'lock_retry',
        msg: file.isTransactional
          ? 'another session holds a lock that the file needs; nothing of it stays, it will be tried again'
          : 'another session holds a lock that the statement needs; it alone will be tried again',
        file: file.tag,
        statement: err.statement,
        attempt,
        ms,
        sql_state: errorCode(err.cause),
        ...ctx.observer.blockers(),
      })
      await sleep(pauseMs, undefined, { signal: ctx.signal })
    }
  }
}
