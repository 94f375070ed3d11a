import { setTimeout as sleep } from 'node:timers/promises'
import { openSession, type Session, type SessionSettings } from '../open-session.ts'
import { type HeldLock, locksSql } from './take-snapshot.ts'

export interface LockSampler {
  /** Runs `work` and adds the locks that the backend is seen to hold to `into`. */
  during: <T>(pid: number, into: HeldLock[], work: () => Promise<T>) => Promise<T>
  /** Counts the rows of each table that another session cannot lock for a change. */
  countLockedRows: (tables: readonly NamedTable[]) => Promise<{ oid: number; rows: number }[]>
  close: () => Promise<void>
}

interface NamedTable {
  oid: number
  table: string
}

const everyMs = 1
/** A lock not seen within this time was not missed for lack of time. */
const holdAtMostMs = 2_000

/**
 * A second connection that looks at `pg_locks` while a concurrent statement, which has several transactions, is at work.
 * It holds a snapshot until it has seen a lock: a concurrent index build waits for old snapshots before it ends, so that
 * even one that takes a moment is seen.
 */
export async function openLockSampler(settings: SessionSettings): Promise<LockSampler> {
  const session = await openSession(settings)
  const look = async (
    pid: number,
    into: HeldLock[],
    letGo: () => Promise<void>,
    isDone: () => boolean,
  ): Promise<void> => {
    const until = performance.now() + holdAtMostMs
    while (!isDone()) {
      const [row] = await session.run<{ locks: HeldLock[] }>(`select ${locksSql(String(pid))} as locks`)
      for (const lock of row?.locks ?? []) {
        if (!into.some(({ oid, mode }) => oid === lock.oid && mode === lock.mode)) into.push(lock)
      }
      if (into.length > 0 || performance.now() > until) await letGo()
      await sleep(everyMs)
    }
    await letGo()
  }
  return {
    during: async (pid, into, work) => {
      let isDone = false
      const looking = look(pid, into, await holdSnapshot(session), () => isDone)
      try {
        return await work()
      } finally {
        isDone = true
        await looking
      }
    },
    countLockedRows: async (tables) => {
      const counts: { oid: number; rows: number }[] = []
      for (const { oid, table } of tables) counts.push({ oid, rows: await countLocked(session, table) })
      return counts
    },
    close: () => session.close(),
  }
}

/** Locks what it can and lets go at once; NO KEY UPDATE, since foreign keys hold KEY SHARE on parents in passing. */
async function countLocked(session: Session, table: string): Promise<number> {
  try {
    const free = `select from ${table} for no key update skip locked`
    const [row] = await session.run<{ rows: number }>(
      `begin; set local lock_timeout = 100;
       select ((select count(*) from ${table}) - (select count(*) from (${free}) as free))::int as rows`,
    )
    return row?.rows ?? 0
  } catch {
    // The table itself is locked, or is no table with rows: the report has that already.
    return 0
  } finally {
    await session.run('rollback')
  }
}

async function holdSnapshot(session: Session): Promise<() => Promise<void>> {
  await session.run('begin isolation level repeatable read')
  await session.run('select 1')
  let isHeld = true
  return async () => {
    if (!isHeld) return
    isHeld = false
    await session.run('commit')
  }
}
