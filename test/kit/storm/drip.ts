/**
 * Connections that send a byte a second, half of them in the head and half in the body: a process of its own. What the server closes comes
 * back as a new one. At SIGTERM it prints one line of JSON.
 *   node test/kit/storm/drip.ts --port=3000 --path=/api/... --cookie=NAME=VALUE --connections=500
 */
import { connect, type Socket } from 'node:net'
import { parseArgs } from 'node:util'

export type Kind = 'head' | 'body'

/** How long each connection lasted until the server had closed it, in ms. */
export type Lasted = Record<Kind, number[]>

const dripMs = 1_000
/** As attacks of this kind begin: hundreds at one moment are a burst of requests, which `overload` is about. */
const openedPerSecond = 100

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    path: { type: 'string', default: '/' },
    cookie: { type: 'string', default: '' },
    connections: { type: 'string', default: '500' },
  },
})

const beginnings: Record<Kind, string> = {
  head: 'GET /api/me HTTP/1.1\r\nhost: localhost\r\nx-slow: ',
  body: [
    `POST ${values.path} HTTP/1.1`,
    'host: localhost',
    `cookie: ${values.cookie}`,
    'content-type: application/json',
    'content-length: 1000',
    '',
    '{',
  ].join('\r\n'),
}

const lastedMs: Lasted = { head: [], body: [] }
const sockets = new Set<Socket>()
let isOver = false

function open(kind: Kind): void {
  const begin = performance.now()
  const socket = connect(Number(values.port), '127.0.0.1')
  const drip = setInterval(() => void socket.write('x'), dripMs)
  socket.on('connect', () => void socket.write(beginnings[kind]))
  // Read, or the end of the stream would never be seen.
  socket.resume()
  socket.on('error', () => undefined)
  socket.on('close', () => {
    clearInterval(drip)
    sockets.delete(socket)
    if (isOver) return
    lastedMs[kind].push(performance.now() - begin)
    open(kind)
  })
  sockets.add(socket)
}

process.once('SIGTERM', () => {
  isOver = true
  clearInterval(opening)
  for (const socket of sockets) socket.destroy()
  process.stdout.write(`${JSON.stringify(lastedMs)}\n`)
})

let opened = 0
const opening = setInterval(() => {
  open(opened % 2 === 0 ? 'head' : 'body')
  opened += 1
  if (opened === Number(values.connections)) clearInterval(opening)
}, 1_000 / openedPerSecond)
