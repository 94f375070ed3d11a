import { once } from 'node:events'
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import type { Hono } from 'hono'
import { hc } from 'hono/client'
import type { Application } from '../../../src/kit/application.ts'
import { createAuth } from '../../../src/kit/auth/create-auth.ts'
import { openDatabase } from '../../../src/kit/db/open-database.ts'
import { loadBoth } from '../../../src/kit/config/load.ts'
import { explainDatabaseError } from '../../../src/kit/db/explain-database-error.ts'
import type { AppDeps, HttpSettings } from '../../../src/kit/http/app-deps.ts'
import { createApp, type KitRouter, type RouteDeps } from '../../../src/kit/http/routes/create-app.ts'
import { createGate, type Gate } from '../../../src/kit/http/gate.ts'
import { createServer, type ApiServer } from '../../../src/kit/http/server/serve.ts'
import { createLogger } from '../../../src/kit/telemetry/logger.ts'
import { createMetrics, type Metrics } from '../../../src/kit/telemetry/metrics.ts'
import type { ApplicationName } from './applications.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'
import { poolSettings } from './pool-settings.ts'

/** Any router: `hono/client` reads the routes out of its type, and bounds it by `any` itself. */
// oxlint-disable-next-line typescript/no-explicit-any
type Routes = Hono<any, any, any>
export type Client<R extends Routes> = ReturnType<typeof hc<R>>

interface TestUser<R extends Routes> {
  id: string
  email: string
  password: string
  cookie: string
  /** Typed by the app's own routes, signed in as this user. */
  client: Client<R>
}

export interface TestApp<R extends Routes = Routes> {
  url: string
  port: number
  database: TestDatabase
  metrics: Metrics
  server: ApiServer
  gate: Gate
  /** Signed in as nobody. */
  client: Client<R>
  /** Every line so far, in full. */
  logText: () => string
  logLines: () => Record<string, unknown>[]
  signUp: (fields?: { name?: string; password?: string }) => Promise<TestUser<R>>
  close: () => Promise<void>
}

/** An application, and the name by which its migrations are found. */
export interface TestSubject<R extends Routes = Routes> {
  name: ApplicationName
  application: Application & { mount(router: KitRouter, deps: RouteDeps): R }
}

export interface TestAppOptions {
  settings?: Partial<HttpSettings>
  /** Requests that may run at the same time. */
  maxConcurrentRequests?: number
  health?: Partial<AppDeps['health']>
  rateLimits?: boolean
  /** Turns the URL of the database into another one: of a relay, or of nothing at all. */
  reroute?: (url: string) => string
}

/** The whole API on a socket of its own and on a fresh database; only the process around it is missing. */
export async function openTestApp<R extends Routes>(
  { name, application }: TestSubject<R>,
  options: TestAppOptions = {},
): Promise<TestApp<R>> {
  const database = await createTestDatabase({ application: name })
  const lines: string[] = []
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  const logger = createLogger({ level: 'debug', destination })
  const metrics = createMetrics({ version: 'test', revision: 'test' })
  const url = (options.reroute ?? ((same) => same))(database.urlFor('app'))
  const handle = openDatabase({ ...poolSettings, url })
  const settings = { ...defaultSettings, ...options.settings }
  const auth = createAuth({
    db: handle.db,
    secret: randomBytes(32).toString('hex'),
    baseUrl: settings.publicUrl,
    trustedOrigins: settings.corsOrigins,
    rateLimits: options.rateLimits ?? false,
    onError: (err) => logger.error({ err }, 'auth error'),
  })
  const health: AppDeps['health'] = {
    ready: () => Promise.resolve({ ready: true }),
    database: async () => ({ ...(await handle.ping(1000)), migrationsApplied: 1, migrationsMissing: 0 }),
    ...options.health,
  }
  const gate = createGate(options.maxConcurrentRequests ?? 30)
  const explainError = explainDatabaseError
  const serverEnv = { DATABASE_URL: url, AUTH_SECRET: 'a secret of more than thirty-two characters' }
  const { settings: appSettings } = loadBoth('server', serverEnv, application.settings)
  const deps = { db: handle.db, auth, logger, metrics, health, explainError, gate, settings, appSettings }
  const app = createApp(deps, application)
  const onError = (err: unknown) => logger.error({ err }, 'listener error')
  const server = createServer(app, {
    gate,
    logger,
    metrics,
    onError,
    headersTimeoutMs: 5_000,
    receiveTimeoutMs: 15_000,
  })
  server.node.listen(0, '127.0.0.1')
  await once(server.node, 'listening')
  const { port } = server.node.address() as AddressInfo
  const base = `http://127.0.0.1:${port}`
  const logText = () => lines.join('')
  return {
    url: base,
    port,
    database,
    metrics,
    server,
    gate,
    client: clientFor<R>(base, ''),
    logText,
    logLines: () => parseLines(logText()),
    signUp: (fields) => signUp<R>(base, fields),
    close: async () => {
      if (server.node.listening) await server.drain({ timeoutMs: 1_000 })
      await handle.close()
      await database.close()
    },
  }
}

const defaultSettings: HttpSettings = {
  bodyLimitBytes: 64 * 1024,
  requestTimeoutMs: 8_000,
  corsOrigins: [],
  publicUrl: 'http://localhost:3000',
  trustedProxies: [],
}

function clientFor<R extends Routes>(base: string, cookie: string): Client<R> {
  return hc<R>(base, { headers: cookie === '' ? {} : { cookie } })
}

async function signUp<R extends Routes>(
  base: string,
  fields: { name?: string; password?: string } = {},
): Promise<TestUser<R>> {
  const email = `user-${randomBytes(6).toString('hex')}@example.com`
  const { name = "Zoë O'Hara 🧭 100%", password = `pass word-${randomBytes(8).toString('hex')}` } = fields
  const response = await fetch(`${base}/api/auth/sign-up/email`, {
    method: 'POST',
    // Node's fetch sends Sec-Fetch-Mode as a browser does, and Better Auth then wants an Origin too.
    headers: { 'content-type': 'application/json', origin: defaultSettings.publicUrl },
    body: JSON.stringify({ name, email, password }),
  })
  if (!response.ok) throw new Error(`sign-up answered ${response.status}: ${await response.text()}`)
  const { user } = (await response.json()) as { user: { id: string } }
  const cookie = cookiesOf(response)
  return { id: user.id, email, password, cookie, client: clientFor<R>(base, cookie) }
}

export function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
}

function parseLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
