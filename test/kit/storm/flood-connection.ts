import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Tally } from './flood-tally.ts'

const headEnd = Buffer.from('\r\n\r\n')

export interface FloodConnection {
  isOpen: boolean
  /** When the request on its way was due; 0 when none is. */
  dueMs: number
  send: (request: Buffer, dueMs: number) => void
  destroy: () => void
}

interface Settings {
  port: number
  /** Speak TLS, with whatever certificate is shown: who it belongs to is a matter of other tests. */
  isTls: boolean
  tally: Tally
  /** The answer is complete, or the connection has opened. */
  onIdle: (connection: FloodConnection) => void
  onLost: () => void
}

/** One keep-alive connection with one request on its way at a time: a plain socket, because an HTTP client costs more than the server. */
export function openFloodConnection({ port, isTls, tally, onIdle, onLost }: Settings): FloodConnection {
  const socket = isTls ? openTls(port) : connect({ port, host: '127.0.0.1', noDelay: true })
  let received: Buffer = Buffer.alloc(0)
  const connection: FloodConnection = {
    isOpen: false,
    dueMs: 0,
    send: (request, dueMs) => {
      connection.dueMs = dueMs
      tally.sent()
      socket.write(request)
    },
    destroy: () => void socket.destroy(),
  }
  const take = (): void => {
    const end = received.indexOf(headEnd)
    if (end === -1) return
    const head = received.toString('latin1', 0, end + 2)
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1])
    if (received.length < end + headEnd.length + length) return
    received = received.subarray(end + headEnd.length + length)
    tally.answered(Number(head.slice(9, 12)), head, performance.now() - connection.dueMs)
    connection.dueMs = 0
    if (/\r\nconnection: close/i.test(head)) socket.end()
    else onIdle(connection)
  }
  socket.on(isTls ? 'secureConnect' : 'connect', () => {
    connection.isOpen = true
    onIdle(connection)
  })
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    take()
  })
  // What was reset is closed too, and counted there.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    connection.isOpen = false
    if (connection.dueMs !== 0) tally.broken()
    connection.dueMs = 0
    onLost()
  })
  return connection
}

function openTls(port: number): Socket {
  return connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    rejectUnauthorized: false,
  }).setNoDelay()
}
