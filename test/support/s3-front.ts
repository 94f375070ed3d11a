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
  /** Resets the connection once this many bytes of a body have gone up; new ones are reset at once. */
  cutAfter: (bytes: number) => void
  /** Takes requests and never answers. */
  freeze: () => void
  heal: () => void
}

interface S3Front {
  port: number
  faults: S3Faults
  close: () => void
}

interface State {
  answer: { fits: RegExp; status: number; code: string } | undefined
  bytesLeft: number
  isFrozen: boolean
}

const healthy: State = { answer: undefined, bytesLeft: Number.POSITIVE_INFINITY, isFrozen: false }

const refuse = (req: IncomingMessage, res: ServerResponse, status: number, code: string): void => {
  req.resume()
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`
  res.writeHead(status, { 'content-type': 'application/xml' }).end(body)
}

const forward = (req: IncomingMessage, res: ServerResponse, port: number): void => {
  const { method, url, headers } = req
  const upstream = request({ host: '127.0.0.1', port, method, path: url, headers })
  upstream.on('response', (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(res)
  })
  upstream.on('error', () => res.destroy())
  req.on('error', () => upstream.destroy())
  req.pipe(upstream)
}

/** TLS before a plain S3 server, and the faults of a network and a storage between the two. */
export const openS3Front = async (
  certificate: Certificate,
  host: string,
  upstream: number,
): Promise<S3Front> => {
  const state: State = { ...healthy }
  const seen: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer(certificate, (req, res) => {
    const line = `${req.method ?? ''} ${req.url ?? ''}`
    seen.push(line)
    if (state.isFrozen) return
    if (state.bytesLeft <= 0) return void req.socket.destroy()
    if (state.answer?.fits.test(line) === true) {
      refuse(req, res, state.answer.status, state.answer.code)
      return
    }
    req.on('data', (chunk: Buffer) => {
      state.bytesLeft -= chunk.length
      if (state.bytesLeft <= 0) req.socket.destroy()
    })
    forward(req, res, upstream)
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
      freeze: () => (state.isFrozen = true),
      heal: () => Object.assign(state, healthy),
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
