import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { CommandError } from '../../errors.ts'
import { failed } from './drill-outcome.ts'
import {
  aliveEveryMs,
  requestSchema,
  type DrillMessage,
  type DrillOutcome,
  type DrillRequest,
} from './drill-protocol.ts'
import { readFirstLine } from './read-first-line.ts'
import type { ReceivedDrill } from './run-drill-request.ts'

interface DrillServer {
  server: Server
  /** Resolves with the outcome of the drill. A server runs one drill. */
  drilled: Promise<DrillOutcome>
}

function parseRequest(line: string): DrillRequest {
  const parsed = requestSchema.safeParse(JSON.parse(line))
  if (parsed.success) return parsed.data
  throw new CommandError('version_mismatch', 'the drill service does not understand what it is asked', {
    hint: 'the services backup and drill have to be of one release: make up',
  })
}

function gone(): CommandError {
  return new CommandError('terminated', 'the backup service went away in the middle of a drill', {
    hint: 'make logs SERVICE=backup',
  })
}

function lineOf(message: DrillMessage): string {
  return `${JSON.stringify(message)}\n`
}

/** Waits until the client has read the outcome, at most 2 s. */
async function endWith(req: IncomingMessage, res: ServerResponse, outcome: DrillOutcome): Promise<void> {
  req.resume()
  res.end(lineOf(outcome))
  await Promise.race([once(res, 'close'), pause(2_000)])
}

async function receive(
  req: IncomingMessage,
  res: ServerResponse,
  drill: (received: ReceivedDrill) => Promise<DrillOutcome>,
): Promise<DrillOutcome> {
  const left = new AbortController()
  res.once('close', () => left.abort(gone()))
  res.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' })
  const alive = setInterval(() => res.write(lineOf({ type: 'alive' })), aliveEveryMs)
  try {
    const request = parseRequest(await readFirstLine(req))
    const announce: ReceivedDrill['announce'] = (name) => res.write(lineOf({ type: 'step', name }))
    return await drill({ request, body: req, announce, signal: left.signal })
  } catch (err) {
    return failed([], err)
  } finally {
    clearInterval(alive)
  }
}

function answer(res: ServerResponse, status: number): void {
  res.writeHead(status, { connection: 'close' }).end()
}

/**
 * Creates the HTTP server of the drill service: GET /livez, and POST /drill with the request in the first
 * line and the dump after it. Accepts one drill.
 */
export function createDrillServer(drill: (received: ReceivedDrill) => Promise<DrillOutcome>): DrillServer {
  let isTaken = false
  const { promise: drilled, resolve, reject } = Promise.withResolvers<DrillOutcome>()
  const take = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    isTaken = true
    const outcome = await receive(req, res, drill)
    await endWith(req, res, outcome)
    resolve(outcome)
  }
  const server = createServer((req, res) => {
    if (req.url === '/livez') answer(res, isTaken ? 202 : 200)
    else if (req.method !== 'POST' || req.url !== '/drill') answer(res, 404)
    else if (isTaken) answer(res, 409)
    else take(req, res).catch(reject)
  })
  // No request timeout: the drill has its own.
  server.requestTimeout = 0
  return { server, drilled }
}
