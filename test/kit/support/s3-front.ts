import { once } from 'node:events'
import { request, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Certificate } from './certificate.ts'

export interface S3Faults {
  /** Requests that have arrived so far, as 'PUT /bucket/key'. */
  seen: () => string[]
  /** Answers every request whose line fits with this status and code, as a full or broken storage does. */
  answer: (fits: RegExp, status: number, code: string) => void
  /** Resets the connection once this many bytes of bodies have gone up or down; new ones are reset at once. */
  cutAfter: (bytes: number) => void
  /** Passes on nothing any more once this many bytes of bodies have gone up or down, and keeps the connection. */
  stallAfter: (bytes: number) => void
  /** Takes requests and never answers. */
  freeze: () => void
  heal: () => void
}

/** Tells the server which path was signed. */
export const sentPathHeader = 'x-sent-path'

interface S3Front {
  port: number
  faults: S3Faults
  close: () => void
}

interface State {
  answer: { fits: RegExp; status: number; code: string } | undefined
  bytesLeft: number
  isCut: boolean
  isFrozen: boolean
}

const healthy: State = {
  answer: undefined,
  bytesLeft: Number.POSITIVE_INFINITY,
  isCut: true,
  isFrozen: false,
}

function refuse(req: IncomingMessage, res: ServerResponse, status: number, code: string): void {
  req.resume()
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`
  res.writeHead(status, { 'content-type': 'application/xml' }).end(body)
}

function forward(
  req: IncomingMessage,
  res: ServerResponse,
  { port, pass }: { port: number; pass: (bytes: number) => void },
): void {
  const { method, url = '/' } = req
  const headers = { ...req.headers, [sentPathHeader]: url.split('?')[0] }
  const upstream = request({ host: '127.0.0.1', port, method, path: url, headers })
  upstream.on('response', (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.on('data', (chunk: Buffer) => pass(chunk.length))
    answer.pipe(res)
  })
  upstream.on('error', () => res.destroy())
  req.on('error', () => upstream.destroy())
  req.pipe(upstream)
}

/** TLS before a plain S3 server, and the faults of a network and a storage between the two. */
export async function openS3Front(
  certificate: Certificate,
  host: string,
  upstream: number,
): Promise<S3Front> {
  const state: State = { ...healthy }
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer(certificate, (req, res) => {
    const line = `${req.method ?? ''} ${req.url ?? ''}`
    seen.push(line)
    if (state.isFrozen) return
    const stop = (): void => {
      if (state.isCut) req.socket.destroy()
      else req.socket.pause()
    }
    if (state.bytesLeft <= 0) {
      stop()
      return
    }
    if (state.answer?.fits.test(line) === true) {
      refuse(req, res, state.answer.status, state.answer.code)
      return
    }
    const pass = (bytes: number): void => {
      state.bytesLeft -= bytes
      if (state.bytesLeft <= 0) stop()
    }
    req.on('data', (chunk: Buffer) => pass(chunk.length))
    forward(req, res, { port: upstream, pass })
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    faults: {
      seen: () => seen,
      answer: (fits, status, code) => (state.answer = { fits, status, code }),
      cutAfter: (bytes) => (state.bytesLeft = bytes),
      stallAfter: (bytes) => Object.assign(state, { bytesLeft: bytes, isCut: false }),
      freeze: () => (state.isFrozen = true),
      heal: () => Object.assign(state, healthy),
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
