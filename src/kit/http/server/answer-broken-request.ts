import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError } from '../../errors.ts'
import { linger, type LingeringSocket } from './drain-body.ts'
import { problemBody, problemType } from '../rest/problem.ts'
import { isSpare } from './spare-connections.ts'

/** What still comes over these was answered already. */
const refused = new WeakSet<Duplex>()

/** `clientError` of Node: what came in was no HTTP request, so no route and no middleware ever sees it. */
export function answerBrokenRequest(err: Error & { code?: string }, stream: Duplex): void {
  const socket = stream as LingeringSocket
  if (isSpare(err, socket) || refused.has(socket)) return
  // A reset leaves nobody to answer; and behind half an answer of ours a second one would be read as its body.
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

/** `connect` of Node: without a listener it closes the connection without an answer. */
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

/** Node hangs the current response on its socket and asks the same before it answers by itself. */
function isAnswering(socket: Duplex & { _httpMessage?: { headersSent: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true
}
