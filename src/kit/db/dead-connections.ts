import type { PoolConnection } from '../postgres/pool-connections.ts'

/**
 * TCP retransmits a lost packet after 200 ms and again after 600 ms, so a connection that is given up was silent for
 * longer.
 */
const silentMs = 500
export const betweenAsksMs = 100

/** Period in which a waiting connection received no bytes. */
export interface SilentConnection {
  readonly connection: PoolConnection
  readonly socket: PoolConnection['awaited'] & object
  readonly bytesRead: number
  sinceMs: number
  /** Time at which the server first reported no work for this connection. */
  accusedMs?: number | undefined
}

/** The server's reply to a query on a new connection. */
export interface Answer {
  /** Time at which the query was sent. */
  beganMs: number
  asked: readonly SilentConnection[]
  /** Backends that have work, or bytes to send. */
  busy: ReadonlySet<number>
}

export interface SilentConnections {
  /**
   * Returns the silences that exceed the limit. Checks every connection on a timer, so that a statement pays nothing.
   */
  look: (nowMs: number) => SilentConnection[]
  /** Gives up the connections that two replies report as idle; returns true when a second reply is needed. */
  judge: (answer: Answer, nowMs: number) => boolean
}

function lasts({ connection, socket, bytesRead }: SilentConnection): boolean {
  return connection.awaited === socket && socket.bytesRead === bytesRead
}

function begin(connection: PoolConnection, nowMs: number): SilentConnection | undefined {
  const socket = connection.awaited
  return socket === null ? undefined : { connection, socket, bytesRead: socket.bytesRead, sinceMs: nowMs }
}

/** Returns true when a second reply must decide. */
function judgeOne(silent: SilentConnection, { beganMs, busy }: Answer, nowMs: number): boolean {
  const { connection, accusedMs } = silent
  if (!lasts(silent)) return false
  if (busy.has(connection.backend.pid ?? 0)) {
    silent.sinceMs = nowMs
    silent.accusedMs = undefined
    return false
  }
  if (accusedMs !== undefined && beganMs - accusedMs >= betweenAsksMs) {
    connection.giveUp('CONNECTION_SILENT')
    return false
  }
  silent.accusedMs ??= nowMs
  return true
}

/**
 * Tracks connections that wait for an answer that cannot come: the statement never arrived, the answer was lost, or
 * the backend is gone. A slow network is told apart by two new connections: both took the same path after the
 * statement and got their answers, so the statement's answer would have come before the second.
 */
export function createSilentConnections(connections: readonly PoolConnection[]): SilentConnections {
  let silentConnections: SilentConnection[] = []
  return {
    look: (nowMs) => {
      const known = new Map(silentConnections.filter(lasts).map((silent) => [silent.connection, silent]))
      silentConnections = connections.flatMap(
        (connection) => known.get(connection) ?? begin(connection, nowMs) ?? [],
      )
      return silentConnections.filter(({ sinceMs }) => nowMs - sinceMs >= silentMs)
    },
    judge: (answer, nowMs) =>
      answer.asked.map((silent) => judgeOne(silent, answer, nowMs)).some((isAccused) => isAccused),
  }
}
