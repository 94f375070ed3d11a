import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError } from '../../errors.ts'
import { linger, type LingeringSocket } from './drain-body.ts'
import { problemBody, problemType } from '../rest/problem.ts'
import { isSpare } from './spare-connections.ts'

/** Sockets that already got their answer; further input is ignored. */
const refused = new WeakSet<Duplex>()

/** Handles Node's `clientError`: the input was not a valid HTTP request, so no route or middleware runs. */
export function answerBrokenRequest(err: Error & { code?: string }, stream: Duplex): void {
  const socket = stream as LingeringSocket
  if (isSpare(err, socket) || refused.has(socket)) return
  // After a reset no client can read an answer. After a partial answer a second one would be read as its body.
  if (err.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy()
    return
  }
  refused.add(socket)
  const isSilent = err.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  socket.end(rawProblem(refusalOf(err.code)), () => isSilent && socket.destroy())
  socket.once('end', () => socket.destroySoon())
  linger(socket, () => false)
}

/** Handles Node's `connect` event: without a listener Node closes the connection without an answer. */
export function refuseTunnel(_incoming: IncomingMessage, socket: Duplex): void {
  socket.end(rawProblem(new AppError('invalid_request', 'this server opens no tunnels')))
}

function refusalOf(code: string | undefined): AppError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('headers_too_large', 'request headers are larger than 16 KiB')
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new AppError('payload_too_large', 'chunk extensions are too large')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('timeout', 'request took too long to arrive')
    default:
      return new AppError('invalid_request', 'request is not valid HTTP')
  }
}

function rawProblem(error: AppError): string {
  const body = problemBody(error, randomUUID())
  const json = JSON.stringify(body)
  return [
    `HTTP/1.1 ${body.status} ${body.title}`,
    `content-type: ${problemType}`,
    `x-request-id: ${body.request_id}`,
    `content-length: ${Buffer.byteLength(json)}`,
    'connection: close',
    '',
    json,
  ].join('\r\n')
}

/** Node keeps the current response on the socket and makes the same check before its own answer. */
function isAnswering(socket: Duplex & { _httpMessage?: { headersSent: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true
}
