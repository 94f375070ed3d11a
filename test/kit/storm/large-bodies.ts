import { once } from 'node:events'
import { connect } from 'node:net'
import { proof } from '#app/proof'
import type { Figure } from './figure.ts'
import { residentMemory, watchMemory } from './resident-memory.ts'
import type { StormStage } from './storm-stage.ts'

const gigabyte = 1_000_000_000
const piece = Buffer.alloc(64 * 1024, 'x')

interface Upload {
  /** Bytes that went out before the server had closed. */
  sent: number
  status: number
  ms: number
}

interface Shape {
  name: string
  headers: string[]
  isChunked: boolean
}

const shapes: Shape[] = [
  { name: 'declared', headers: [`content-length: ${gigabyte}`], isChunked: false },
  { name: 'chunked', headers: ['transfer-encoding: chunked'], isChunked: true },
  { name: 'declared as 20 bytes', headers: ['content-length: 20'], isChunked: false },
]

function framed(isChunked: boolean): Buffer {
  return isChunked
    ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
    : piece
}

/** Sends all of it unless the server ends the connection before, and reads what comes. */
async function upload(port: number, head: string, isChunked: boolean): Promise<Upload> {
  const begin = performance.now()
  const socket = connect(port, '127.0.0.1')
  const state = { answer: '', isOpen: true, sent: 0 }
  socket.on('data', (chunk: Buffer) => (state.answer += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      state.isOpen = false
      resolve()
    })
  })
  await once(socket, 'connect')
  socket.write(head)
  const part = framed(isChunked)
  while (state.isOpen && state.sent < gigabyte) {
    state.sent += part.length
    if (!socket.write(part)) await Promise.race([once(socket, 'drain').catch(() => undefined), closed])
  }
  socket.end()
  await closed
  return {
    sent: state.sent,
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(state.answer)?.[1]),
    ms: performance.now() - begin,
  }
}

function headOf({ cookie }: StormStage, { headers }: Shape): string {
  return [
    `POST ${proof.row.path} HTTP/1.1`,
    'host: localhost',
    `cookie: ${cookie}`,
    'content-type: application/json',
    ...headers,
    '',
    '',
  ].join('\r\n')
}

/** A gigabyte in every shape of the wire: refused early, cut off, and never in memory. */
export async function largeBodies(stage: StormStage): Promise<Figure[]> {
  const figures: Figure[] = []
  // What an upload of any size costs once: code, and buffers that stay.
  await upload(
    stage.api.port,
    headOf(stage, { name: '', headers: ['content-length: 2'], isChunked: false }),
    false,
  )
  for (const shape of shapes) {
    const beforeMb = residentMemory(stage.api.pid)
    const memory = watchMemory(stage.api.pid)
    const { sent, status, ms } = await upload(stage.api.port, headOf(stage, shape), shape.isChunked)
    const grownMb = memory.stop() - beforeMb
    const expected = shape.name === 'declared as 20 bytes' ? 400 : 413
    figures.push(
      { name: `${shape.name}: status`, value: status, unit: '', atLeast: expected, atMost: expected },
      { name: `${shape.name}: closed after`, value: ms / 1_000, unit: 's', atMost: 3 },
      { name: `${shape.name}: sent until then`, value: sent / 1_000_000, unit: 'MB', atMost: 32 },
      { name: `${shape.name}: memory grown`, value: grownMb, unit: 'MB', atMost: 32 },
    )
  }
  return figures
}
