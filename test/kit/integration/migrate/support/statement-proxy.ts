import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface StatementProxy {
  /** The URL through the proxy. */
  url: string
  /** Texts of the simple queries that have come through, in order. */
  statements: string[]
}

interface Cut {
  /** From 1; counts simple queries. */
  at: number
  /**
   * before: the server never sees the statement. after: it has run, and the client never learns so.
   * after_reply: the client has its answer, and the connection ends before its next statement.
   */
  when: 'before' | 'after' | 'after_reply'
  /** By default the connections are cut and later ones let through. */
  kill?: () => void
}

const queryType = 0x51

/** Splits what the client sends into messages; the first one, at start-up, has no type byte. */
function createParser() {
  let buffer = Buffer.alloc(0)
  let isStarted = false
  return (chunk: Buffer): Buffer[] => {
    buffer = Buffer.concat([buffer, chunk])
    const messages: Buffer[] = []
    for (;;) {
      const header = isStarted ? 1 : 0
      if (buffer.length < header + 4) return messages
      const length = header + buffer.readUInt32BE(header)
      if (buffer.length < length) return messages
      messages.push(buffer.subarray(0, length))
      buffer = buffer.subarray(length)
      isStarted = true
    }
  }
}

/** A proxy before PostgreSQL that counts statements and calls `kill` at the chosen one. */
export async function openStatementProxy(url: string, cut?: Cut): Promise<StatementProxy> {
  const target = new URL(url)
  const statements: string[] = []
  const sockets = new Set<Socket>()
  let isCut = false
  const cutNow = (): void => {
    isCut = false
    if (cut?.kill !== undefined) cut.kill()
    else for (const socket of sockets) socket.destroy()
  }
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    const parse = createParser()
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    upstream.on('data', (chunk: Buffer) => {
      if (isCut && cut?.when === 'after_reply') client.write(chunk, cutNow)
      else if (isCut) cutNow()
      else client.write(chunk)
    })
    client.on('data', (chunk: Buffer) => {
      for (const message of parse(chunk)) {
        if (message[0] === queryType) statements.push(message.toString('utf8', 5, message.length - 1))
        const isHit = message[0] === queryType && statements.length === cut?.at
        if (isHit && cut.when === 'before') {
          cutNow()
          return
        }
        isCut ||= isHit
        upstream.write(message)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as AddressInfo).port)
  return { url: through.href, statements }
}
