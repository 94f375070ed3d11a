import { errorCode } from './error-code.ts'
import { openSession, type Session, type SessionSettings } from './open-session.ts'

/**
 * A session that blocks a statement, never with its query. Age and state are unknown to a role without
 * pg_read_all_stats.
 */
export interface Blocker {
  pid: number
  application: string | null
  role: string | null
  state: string | null
  transaction_age_seconds: number | null
}

export interface Observer {
  /** Runs `work` and, while it waits for a lock, records the sessions that hold it. */
  watch: <T>(work: () => Promise<T>) => Promise<T>
  /** Blockers seen by the last `watch`; `blockers_unknown` gives the reason when none can be named. */
  blockers: () => { blockers: Blocker[]; blockers_unknown?: string }
  cancel: () => Promise<void>
  close: () => Promise<void>
}

/** With ALTER ROLE migrator SET role = owner, `owner` could neither see nor cancel the activity of migrator. */
const asLoginRole = 'set role none'

function blockersSql(pid: number): string {
  return `
  select b.pid, b.application_name as application, b.usename as role, b.state,
         extract(epoch from now() - b.xact_start)::int as transaction_age_seconds
  from pg_stat_activity w
  cross join lateral unnest(case when w.wait_event_type = 'Lock' then pg_blocking_pids(w.pid) end) as blocking(pid)
  join pg_stat_activity b on b.pid = blocking.pid
  where w.pid = ${pid}`
}

/** Calls `sample` again and again while `work` runs, one call at a time. */
async function sampleDuring<T>(
  everyMs: number,
  sample: () => Promise<void>,
  work: () => Promise<T>,
): Promise<T> {
  let sampling: Promise<void> | undefined
  const timer = setInterval(() => {
    sampling ??= sample().finally(() => (sampling = undefined))
  }, everyMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
}

async function openAsLoginRole(settings: SessionSettings): Promise<Session> {
  const session = await openSession(settings)
  await session.run(asLoginRole)
  return session
}

/** A second session beside the working one, opened when it is first needed: that one is busy waiting. */
export function openObserver(settings: SessionSettings, pid: number, sampleEveryMs: number): Observer {
  let session: Promise<Session> | undefined
  let seen: Blocker[] = []
  let failure: string | undefined
  const get = (): Promise<Session> => (session ??= openAsLoginRole(settings))

  const sample = async (): Promise<void> => {
    try {
      const rows = await (await get()).run<Blocker & Record<string, unknown>>(blockersSql(pid))
      if (rows.length > 0) seen = rows
    } catch (err) {
      failure = errorCode(err)
      session = undefined
    }
  }

  return {
    watch: (work) => {
      seen = []
      failure = undefined
      return sampleDuring(sampleEveryMs, sample, work)
    },
    blockers: () => ({ blockers: seen, ...(failure === undefined ? {} : { blockers_unknown: failure }) }),
    cancel: async () => {
      await (await get()).run(`select pg_cancel_backend(${pid})`)
    },
    close: async () => {
      await session?.then(
        (each) => each.close(),
        () => undefined,
      )
    },
  }
}
