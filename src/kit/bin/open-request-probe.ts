import { randomBytes, randomInt } from 'node:crypto'
import type { Answer, RequestProbe } from '../migrate/rehearse/request-probe.ts'
import { createLogger } from '../telemetry/logger.ts'
import { fillRequest, type ProofRequest } from '../proof.ts'
import { loadServer, startServer, type Mounted } from './start-server.ts'

const publicUrl = 'http://localhost:3000'
const answerWithinMs = 30_000

/** Starts the API on the database of `url`, with `mounted` or else the application of src/app, and sends `requests` in their order. */
export function openRequestProbe(
  url: string,
  requests: readonly ProofRequest[],
  mounted?: Mounted,
): RequestProbe {
  return {
    run: async () => {
      // A release starts a new process too, so no plan or pool survives the file.
      const logger = createLogger({ level: 'fatal', service: 'rehearsal' })
      const server = await startServer(await loadServer(envFor(url), mounted), logger)
      try {
        return await sendAll(`http://127.0.0.1:${server.httpPort}`, requests)
      } finally {
        await server.close()
      }
    },
  }
}

function envFor(url: string): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: url,
    AUTH_SECRET: randomBytes(32).toString('hex'),
    PUBLIC_URL: publicUrl,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    METRICS_HOST: '127.0.0.1',
    METRICS_PORT: '0',
    HTTP_TRUSTED_PROXIES: '127.0.0.1/32',
    HTTP_DRAIN_DELAY_MS: '0',
    SCHEDULED_JOBS: 'off',
  }
}

async function sendAll(base: string, requests: readonly ProofRequest[]): Promise<Answer[]> {
  const values: Record<string, string> = { run: randomBytes(6).toString('hex') }
  const cookies = new Map<string, string>()
  // Better Auth limits by address; a new address has no earlier requests.
  const address = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`
  const answers: Answer[] = []
  for (const request of requests) {
    const { status, body, setCookies } = await send(base, fillRequest(request, values), cookies, address)
    for (const each of setCookies) cookies.set(each.split('=')[0] ?? '', each.split(';')[0] ?? '')
    if (request.save !== undefined) values[request.save] = idOf(body)
    answers.push({ request: `${request.method} ${request.path}`, status })
  }
  return answers
}

async function send(
  base: string,
  { method, path, body, headers = {} }: ProofRequest,
  cookies: ReadonlyMap<string, string>,
  address: string,
): Promise<{ status: number; body: string; setCookies: string[] }> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' }
  const cookie = [...cookies.values()].join('; ')
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { origin: publicUrl, 'x-forwarded-for': address, cookie, ...type, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerWithinMs),
  })
  return { status: response.status, body: await response.text(), setCookies: response.headers.getSetCookie() }
}

function idOf(body: string): string {
  try {
    return String((JSON.parse(body) as { id?: unknown }).id)
  } catch {
    return 'none'
  }
}
