/**
 * Asks for /api/health/db as a client of PUBLIC_URL would, through Caddy: run by `make up` in a container of the API. Says what
 * came and exits with 1 unless that was 200, or the maintenance page.
 *   node ask-front-door.ts [host]      host of the proxy, by default caddy
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { text } from 'node:stream/consumers'

const proxy = process.argv[2] ?? 'caddy'
const publicUrl = new URL(process.env['PUBLIC_URL'] || 'https://localhost')
const name = publicUrl.hostname.replace(/^\[|\]$/g, '')
const deadlineMs = 5_000

const target = {
  host: proxy,
  path: '/api/health/db',
  headers: { host: publicUrl.host },
  signal: AbortSignal.timeout(deadlineMs),
}

/** Accepts any certificate: its validity concerns the operator's clients, and the first one may be Caddy's own. */
function overTls() {
  return httpsRequest({
    ...target,
    port: 443,
    rejectUnauthorized: false,
    ...(isIP(name) === 0 ? { servername: name } : {}),
  })
}

function plain() {
  return httpRequest({ ...target, port: 80 })
}

function answerOf(open: () => ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => open().once('response', resolve).once('error', reject).end())
}

/** Behind another TLS terminator, Caddy listens on port 80 only. */
function ask(): Promise<IncomingMessage> {
  return answerOf(overTls).catch((err: unknown) => {
    if ((err as NodeJS.ErrnoException).code === 'ECONNREFUSED') return answerOf(plain)
    throw err
  })
}

async function problem(): Promise<string | undefined> {
  const answer = await ask()
  const body = await text(answer)
  if (answer.statusCode === 200 || body.includes('"code":"maintenance"')) return undefined
  return `${answer.statusCode}: ${body.slice(0, 300)}`
}

const found = await problem().catch((err: unknown) => (err instanceof Error ? err.message : String(err)))
if (found !== undefined) process.stderr.write(`${found}\n`)
process.exitCode = found === undefined ? 0 : 1
