import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { isLimited, type Gate } from '../gate.ts'

/** What Node hangs on a socket and documents nowhere; where it is not as expected, requests take the ordinary way. */
interface ServedSocket extends Socket {
  parser?: { onIncoming?: OnIncoming }
  /** The answer under way. */
  _httpMessage?: unknown
}

type OnIncoming = (incoming: IncomingMessage, keepsAlive: boolean) => number

/** Node keeps a longer body back until somebody reads it, and nobody will. */
const bodyLimitBytes = 16 * 1024

/**
 * Refuses between Node's parser and the making of a response object, which takes half the time of a refusal on one: that
 * time is taken from those who are served. Whatever is not the simplest case is left to the ordinary listener.
 */
export function shedEarly(server: Server, gate: Gate, refusal: () => string): void {
  server.on('connection', (socket: ServedSocket) => {
    const { parser } = socket
    const onIncoming = parser?.onIncoming
    if (parser === undefined || onIncoming === undefined) return
    parser.onIncoming = (incoming, keepsAlive) => {
      const isSimple = gate.isFull() && keepsAlive && server.listening && isFree(socket) && isPlain(incoming)
      if (!isSimple || !isLimited(incoming.url ?? '')) return onIncoming(incoming, keepsAlive)
      if (socket.timeout !== server.keepAliveTimeout) socket.setTimeout(server.keepAliveTimeout)
      socket.write(refusal(), 'latin1')
      return 0
    }
  })
}

/** No answer is under way that this one would overtake, and the client reads what it is sent. */
function isFree(socket: ServedSocket): boolean {
  return (socket._httpMessage ?? null) === null && !socket.writableNeedDrain
}

/** By the length of the names first: to have them all in lower case would cost more than the rest. */
function isPlain({ method, upgrade, rawHeaders }: IncomingMessage & { upgrade?: boolean | null }): boolean {
  if (method === 'HEAD' || upgrade === true) return false
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === 14 && name.toLowerCase() === 'content-length') {
      if (Number(rawHeaders[index + 1]) > bodyLimitBytes) return false
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') return false
    else if (name.length === 6 && name.toLowerCase() === 'expect') return false
  }
  return true
}
