import type { PoolConnection } from '../postgres/pool-connections.ts'
import { betweenAsksMs, createSilences, type Silence } from './dead-connections.ts'

export interface SilenceWatch {
  /** Stops looking, and settles when the last question has ended. */
  close: () => Promise<void>
}

/** The backends of the server that have work; undefined when it cannot tell. Rejects when there is no answer in time. */
type AskBusy = () => Promise<ReadonlySet<number> | undefined>

const lookEveryMs = 50
/** A question that vanished in the network must not keep the next one waiting: that one may meet a network that has healed. */
const askEveryMs = 250

/**
 * Gives connections up that nobody says are dead: a firewall or a failover forgot them, or the network was parted. The
 * server itself is asked, so that a long statement is left to its deadline, and without an answer so is everything else.
 */
export function watchSilence(connections: readonly PoolConnection[], askBusy: AskBusy): SilenceWatch {
  const silences = createSilences(connections)
  const asking = new Set<Promise<void>>()
  let nextAskMs = 0
  const ask = async (asked: Silence[], beganMs: number): Promise<void> => {
    // No answer means no judgement: there may be no server at all, or it is frozen.
    const busy = await askBusy().catch(() => 'no answer' as const)
    if (busy === 'no answer') return
    if (busy === undefined) {
      clearInterval(timer)
      return
    }
    const nowMs = performance.now()
    if (silences.judge({ beganMs, asked, busy }, nowMs)) nextAskMs = nowMs + betweenAsksMs
  }
  const look = (): void => {
    const nowMs = performance.now()
    const silent = silences.look(nowMs)
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
