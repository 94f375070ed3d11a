import { connect, type ClientHttp2Session } from 'node:http2'
import { setTimeout as wait } from 'node:timers/promises'

interface Settings {
  port: number
  connections: number
  /** Requests under way on each connection. */
  streams: number
  seconds: number
  path: string
  cookie: string
}

export interface MultiplexedFlood {
  /** Answers by status. */
  answers: Record<string, number>
  /** Connections that were lost. */
  broken: number
}

/** Closed loop over HTTP/2: one connection carries what takes a hundred without it. */
export async function runMultiplexedFlood(settings: Settings): Promise<MultiplexedFlood> {
  const { port, connections, streams, seconds, path, cookie } = settings
  const answers: Record<string, number> = {}
  const state = { isOver: false, broken: 0 }
  const ask = (session: ClientHttp2Session): void => {
    if (state.isOver || session.destroyed || session.closed) return
    const stream = session.request({ ':path': path, cookie })
    stream.on('response', ({ ':status': status = 0 }) => (answers[status] = (answers[status] ?? 0) + 1))
    stream.on('error', () => undefined)
    stream.on('close', () => ask(session))
    stream.resume()
  }
  const sessions = Array.from({ length: connections }, () => {
    const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false })
    session.on('error', () => (state.broken += state.isOver ? 0 : 1))
    session.once('remoteSettings', () => {
      for (let stream = 0; stream < streams; stream += 1) ask(session)
    })
    return session
  })
  await wait(seconds * 1_000)
  state.isOver = true
  for (const session of sessions) session.destroy()
  return { answers, broken: state.broken }
}
