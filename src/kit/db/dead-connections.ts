import type { PoolConnection } from '../postgres/pool-connections.ts'

/** A lost packet is sent again after 200 ms, and after 600 ms once more: who is given up was silent for longer. */
const silentMs = 500
export const betweenAsksMs = 100

/** The while in which nothing was heard on a connection that waits. */
export interface Silence {
  readonly connection: PoolConnection
  readonly socket: PoolConnection['awaited'] & object
  readonly bytesRead: number
  sinceMs: number
  /** When the server first said that it owes this connection nothing. */
  accusedMs?: number | undefined
}

/** What the server answered to a new connection. */
export interface Answer {
  /** When the question was sent. */
  beganMs: number
  asked: readonly Silence[]
  /** The backends that have work, or bytes to send. */
  busy: ReadonlySet<number>
}

export interface Silences {
  /** Those that last for too long. Looks at each connection, so that statements themselves cost nothing more. */
  look: (nowMs: number) => Silence[]
  /** Gives up whom two answers accuse; true when somebody waits for the second one. */
  judge: (answer: Answer, nowMs: number) => boolean
}

function lasts({ connection, socket, bytesRead }: Silence): boolean {
  return connection.awaited === socket && socket.bytesRead === bytesRead
}

function begin(connection: PoolConnection, nowMs: number): Silence | undefined {
  const socket = connection.awaited
  return socket === null ? undefined : { connection, socket, bytesRead: socket.bytesRead, sinceMs: nowMs }
}

/** Whether a second answer must decide. */
function judgeOne(silence: Silence, { beganMs, busy }: Answer, nowMs: number): boolean {
  const { connection, accusedMs } = silence
  if (!lasts(silence)) return false
  if (busy.has(connection.backend.pid ?? 0)) {
    silence.sinceMs = nowMs
    silence.accusedMs = undefined
    return false
  }
  if (accusedMs !== undefined && beganMs - accusedMs >= betweenAsksMs) {
    connection.giveUp('CONNECTION_SILENT')
    return false
  }
  silence.accusedMs ??= nowMs
  return true
}

/**
 * Who waits for an answer that cannot come: the server has no work for it, because the statement never arrived, the
 * answer was lost, or the backend is gone. Slowness looks different: two new connections went the same way after the
 * statement and have heard their answers, so its own would have come before the second of them.
 */
export function createSilences(connections: readonly PoolConnection[]): Silences {
  let silences: Silence[] = []
  return {
    look: (nowMs) => {
      const known = new Map(silences.filter(lasts).map((silence) => [silence.connection, silence]))
      silences = connections.flatMap((connection) => known.get(connection) ?? begin(connection, nowMs) ?? [])
      return silences.filter(({ sinceMs }) => nowMs - sinceMs >= silentMs)
    },
    judge: (answer, nowMs) =>
      answer.asked.map((silence) => judgeOne(silence, answer, nowMs)).some((isAccused) => isAccused),
  }
}
