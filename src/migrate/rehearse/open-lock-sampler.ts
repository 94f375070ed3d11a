import { setTimeout as sleep } from 'node:timers/promises'
import { openSession, type SessionSettings } from '../open-session.ts'
import { type HeldLock, locksSql } from './take-snapshot.ts'

export interface LockSampler {
  /** Runs `work` and adds to `into` what locks the backend is seen to hold meanwhile. */
  during: <T>(pid: number, into: HeldLock[], work: () => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

const everyMs = 1

/** A second connection that looks at `pg_locks` while a concurrent statement, which has several transactions, is at work. */
export async function openLockSampler(settings: SessionSettings): Promise<LockSampler> {
  const session = await openSession(settings)
  const look = async (pid: number, into: HeldLock[], isDone: () => boolean): Promise<void> => {
    while (!isDone()) {
      const [row] = await session.run<{ locks: HeldLock[] }>(`select ${locksSql(String(pid))} as locks`)
      for (const lock of row?.locks ?? []) {
        if (!into.some(({ oid, mode }) => oid === lock.oid && mode === lock.mode)) into.push(lock)
      }
      await sleep(everyMs)
    }
  }
  return {
    during: async (pid, into, work) => {
      let isDone = false
      const looking = look(pid, into, () => isDone)
      try {
        return await work()
      } finally {
        isDone = true
        await looking
      }
    },
    close: () => session.close(),
  }
}
