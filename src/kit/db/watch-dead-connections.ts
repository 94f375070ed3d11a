import type { PoolConnection } from '../postgres/pool-connections.ts'
import { betweenAsksMs, createSilentConnections, type SilentConnection } from './dead-connections.ts'

export interface DeadConnectionWatch {
  /** Stops the timer and resolves when the last query has ended. */
  close: () => Promise<void>
}

/**
 * Returns the backends that have work; undefined when they cannot be told. Rejects when there is no answer in time.
 */
type AskBusy = () => Promise<ReadonlySet<number> | undefined>

const lookEveryMs = 50
/** A query lost in the network must not delay the next one, which may meet a repaired network. */
const askEveryMs = 250

/**
 * Gives up dead connections that nothing reports as dead: a firewall or a failover dropped them, or the network was
 * partitioned. The server is asked first, so that a long statement keeps its deadline; without an answer no
 * connection is given up.
 */
export function watchDeadConnections(
  connections: readonly PoolConnection[],
  askBusy: AskBusy,
): DeadConnectionWatch {
  const silentConnections = createSilentConnections(connections)
  const asking = new Set<Promise<void>>()
  let nextAskMs = 0
  const ask = async (asked: SilentConnection[], beganMs: number): Promise<void> => {
    // No answer, no verdict: the server may be down or frozen.
    const busy = await askBusy().catch(() => 'no answer' as const)
    if (busy === 'no answer') return
    if (busy === undefined) {
      clearInterval(timer)
      return
    }
    const nowMs = performance.now()
    if (silentConnections.judge({ beganMs, asked, busy }, nowMs)) nextAskMs = nowMs + betweenAsksMs
  }
  const look = (): void => {
    const nowMs = performance.now()
    const silent = silentConnections.look(nowMs)
    if (silent.length === 0 || nowMs < nextAskMs) return
    nextAskMs = nowMs + askEveryMs
    const asked = ask(silent, nowMs).finally(() => asking.delete(asked))
    asking.add(asked)
  }
  const timer = setInterval(look, lookEveryMs).unref()
  return {
    close: async () => {
      clearInterval(timer)
      await Promise.all(asking)
    },
  }
}
