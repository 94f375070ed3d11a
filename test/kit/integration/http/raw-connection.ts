import { once } from 'node:events'
import { connect } from 'node:net'

export interface RawConnection {
  write: (text: string | Buffer) => void
  /** Everything received so far. */
  received: () => string
  /** Resolves when what was received matches; rejects when the connection ends or time runs out before. */
  waitFor: (pattern: RegExp, timeoutMs?: number) => Promise<string>
  /** Resolves with everything received when the server has closed. */
  closed: (timeoutMs?: number) => Promise<string>
  destroy: () => void
}

/** A bare socket: what an HTTP client would repair or refuse to send goes out as it stands. */
export async function openRawConnection(port: number): Promise<RawConnection> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let isOver = false
  const listeners = new Set<() => void>()
  const notify = () => listeners.forEach((listener) => listener())
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    notify()
  })
  socket.on('close', () => {
    isOver = true
    notify()
  })
  // A reset by the server is an end like any other here.
  socket.on('error', notify)
  await once(socket, 'connect')

  const until = (done: () => boolean, what: string, timeoutMs: number) =>
    new Promise<string>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer)
        listeners.delete(check)
        settle()
      }
      const check = () => {
        if (done()) finish(() => resolve(text))
        else if (isOver) finish(() => reject(new Error(`closed before ${what}; received: ${text}`)))
      }
      const timer = setTimeout(
        () => finish(() => reject(new Error(`no ${what} within ${timeoutMs} ms; received: ${text}`))),
        timeoutMs,
      )
      listeners.add(check)
      check()
    })

  return {
    write: (part) => void socket.write(part),
    received: () => text,
    waitFor: (pattern, timeoutMs = 5000) => until(() => pattern.test(text), String(pattern), timeoutMs),
    closed: (timeoutMs = 5000) => until(() => isOver, 'end', timeoutMs),
    destroy: () => void socket.destroy(),
  }
}

/** One request on a connection of its own, until the server closes it. */
export async function rawRequest(port: number, text: string | Buffer, timeoutMs?: number): Promise<string> {
  const connection = await openRawConnection(port)
  try {
    connection.write(text)
    return await connection.closed(timeoutMs)
  } finally {
    connection.destroy()
  }
}
