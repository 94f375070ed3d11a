import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { isLimited, type Gate } from '../gate.ts'

/** Undocumented fields of Node's socket. When they are not as expected, the request takes the ordinary path. */
interface ServedSocket extends Socket {
  parser?: { onIncoming?: OnIncoming }
  /** The response in progress. */
  _httpMessage?: unknown
}

type OnIncoming = (incoming: IncomingMessage, keepsAlive: boolean) => number

/** Node stops reading a longer body until it is consumed, and a refused body is not consumed. */
const bodyLimitBytes = 16 * 1024

/**
 * Refuses requests between Node's parser and the creation of a response object, which takes half the time of a
 * refusal and would be taken from served requests. Anything but the simplest case goes to the ordinary listener.
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

/** Returns true when no response is in progress that this one would overtake, and the client reads its socket. */
function isFree(socket: ServedSocket): boolean {
  return (socket._httpMessage ?? null) === null && !socket.writableNeedDrain
}

/** Compares lengths of names first: lower-casing all of them would cost more than the rest. */
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
