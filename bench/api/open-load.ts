import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Whole requests as they go over the wire; sent in turn. */
export type Requests = readonly Buffer[]

export interface Taken {
  /** Of every answer since the last call. */
  latenciesMs: number[]
}

export interface Load {
  take: () => Taken
  /** Settles when every connection has its last answer; rejects with the first failure of any. */
  close: () => Promise<void>
  /** Never resolves; rejects with the first failure. */
  failed: Promise<never>
}

const closeTimeoutMs = 10_000
const headEnd = Buffer.from('\r\n\r\n')

interface Answer {
  status: number
  /** Bytes of head and body together. */
  size: number
}

/** Status and size of the answer that begins here, or undefined while its head is not complete. */
function readHead(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf(headEnd)
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`an answer without content-length:\n${head}`)
  return { status: Number(head.slice(9, 12)), size: end + headEnd.length + Number(length) }
}

interface Shared {
  next: () => Buffer
  isClosing: () => boolean
  done: (ms: number) => void
  fail: (err: unknown) => void
}

/** One request on its way at a time, the next as soon as the answer is complete. */
function drive(socket: Socket, shared: Shared): void {
  let received: Buffer = Buffer.alloc(0)
  let answer: Answer | undefined
  let beganMs = 0
  const send = (): void => {
    if (shared.isClosing()) return void socket.end()
    received = Buffer.alloc(0)
    answer = undefined
    beganMs = performance.now()
    socket.write(shared.next())
  }
  const take = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    answer ??= readHead(received)
    if (answer === undefined || received.length < answer.size) return
    if (received.length > answer.size) throw new Error('more bytes than the answer announced')
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`an answer that is no 2xx: ${received.toString()}`)
    shared.done(performance.now() - beganMs)
    send()
  }
  socket.on('data', (chunk) => {
    try {
      take(chunk)
    } catch (err) {
      shared.fail(err)
    }
  })
  socket.on('error', shared.fail)
  socket.on('close', () => {
    if (!shared.isClosing()) shared.fail(new Error('the server closed a connection under load'))
  })
  send()
}

async function within(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`an answer took more than ${closeTimeoutMs} ms`)),
      closeTimeoutMs,
    )
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/**
 * Keeps `connections` keep-alive connections busy until closed. Plain sockets and requests made beforehand: an HTTP
 * client in Node costs more per request than the servers that are to be measured.
 */
export async function openLoad(port: number, requests: Requests, connections: number): Promise<Load> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      await once(socket, 'connect')
      return socket
    }),
  )
  let sent = 0
  let isClosing = false
  let latenciesMs: number[] = []
  let fail: (err: unknown) => void = () => undefined
  const failed = new Promise<never>((_resolve, reject) => (fail = reject))
  // Whoever measures races against it; a failure between two measurements is found by `close`.
  failed.catch(() => undefined)
  const shared: Shared = {
    next: () => requests[sent++ % requests.length] ?? Buffer.alloc(0),
    isClosing: () => isClosing,
    done: (ms) => void latenciesMs.push(ms),
    fail: (err) => fail(err),
  }
  const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  for (const socket of sockets) drive(socket, shared)
  return {
    failed,
    take: () => {
      const taken = { latenciesMs }
      latenciesMs = []
      return taken
    },
    close: async () => {
      isClosing = true
      try {
        await within(Promise.race([Promise.all(closed), failed]))
      } finally {
        for (const socket of sockets) socket.destroy()
      }
    },
  }
}
