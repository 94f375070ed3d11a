import packageJson from '../../../package.json' with { type: 'json' }
import { createAuth, type Auth } from '../auth/create-auth.ts'
import type { Application } from '../application.ts'
import { loadBoth, type Config } from '../config/load.ts'
import type { UsedTable } from '../db/app-privileges.ts'
import { openDatabase, type DatabaseHandle } from '../db/open-database.ts'
import { isSessionFault } from '../postgres/session-parameters.ts'
import { explainDatabaseError } from '../db/explain-database-error.ts'
import type { AppDeps } from '../http/app-deps.ts'
import { createApp } from '../http/routes/create-app.ts'
import { createGate } from '../http/gate.ts'
import { createServer, type ApiServer } from '../http/server/serve.ts'
import type { Job } from '../jobs/job.ts'
import { scheduleJobs, type JobSchedule } from '../jobs/schedule-jobs.ts'
import { requiredMigrations } from '../migrate/migration-state.ts'
import type { Logger } from '../telemetry/logger.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { kitJobs } from './kit-jobs.ts'
import { listen } from './process/listen.ts'
import { loadApplication, loadUsedTables } from './process/mounted-application.ts'
import { readHealth, type Health } from './read-health.ts'
import { serveMetrics } from './serve-metrics.ts'

export interface RunningServer {
  httpPort: number
  metricsPort: number
  /** Fails readiness, waits the drain delay, drains and closes; resolves when every resource is closed. */
  close: () => Promise<void>
}

type ServerConfig = Config<'server'>

const migrationsFolder = 'migrations'

function openPool(config: ServerConfig, metrics: Metrics): DatabaseHandle {
  return openDatabase(
    {
      url: config.DATABASE_URL,
      ca: config.DATABASE_CA_FILE,
      applicationName: 'slipway-api',
      poolSize: config.DATABASE_POOL_SIZE,
      connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
      statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: config.DATABASE_LOCK_TIMEOUT_MS,
      queryTimeoutMs: config.DATABASE_QUERY_TIMEOUT_MS,
      poolWaitMs: config.DATABASE_POOL_WAIT_MS,
      idleInTransactionTimeoutMs: config.DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS,
      prepare: config.DATABASE_PREPARE,
    },
    { onQuery: (ms, outcome) => metrics.observeQuery(ms / 1_000, outcome) },
  )
}

function openAuth(config: ServerConfig, database: DatabaseHandle, logger: Logger): Auth {
  return createAuth({
    db: database.db,
    secret: config.AUTH_SECRET,
    baseUrl: config.PUBLIC_URL,
    trustedOrigins: config.HTTP_CORS_ORIGINS,
    onError: (err) => logger.error({ err }, 'auth failed'),
  })
}

/** The application and the tables that its code and the kit's use. */
export interface Mounted {
  application: Application
  usedTables: UsedTable[]
}

export interface LoadedServer extends Mounted {
  config: ServerConfig
  /** Values of the settings of the application. */
  appSettings: unknown
}

interface Parts extends LoadedServer {
  logger: Logger
  metrics: Metrics
  database: DatabaseHandle
  health: Health
}

function openApi(parts: Parts): ApiServer {
  const { config, logger, metrics, database, health, application, appSettings } = parts
  const gate = createGate(config.HTTP_MAX_CONCURRENT_REQUESTS)
  const deps: AppDeps = {
    db: database.db,
    auth: openAuth(config, database, logger),
    logger,
    metrics,
    health,
    explainError: explainDatabaseError,
    gate,
    settings: {
      bodyLimitBytes: config.HTTP_BODY_LIMIT_BYTES,
      requestTimeoutMs: config.HTTP_REQUEST_TIMEOUT_MS,
      corsOrigins: config.HTTP_CORS_ORIGINS,
      publicUrl: config.PUBLIC_URL,
      trustedProxies: config.HTTP_TRUSTED_PROXIES,
      docsScriptPath: config.DOCS_SCRIPT_PATH,
    },
    appSettings,
  }
  const onError = (err: unknown) => logger.error({ err }, 'request failed outside the app')
  return createServer(createApp(deps, application), {
    gate,
    logger,
    metrics,
    onError,
    headersTimeoutMs: config.HTTP_HEADERS_TIMEOUT_MS,
    receiveTimeoutMs: config.HTTP_RECEIVE_TIMEOUT_MS,
  })
}

function openJobs(parts: Parts): JobSchedule {
  const { config, logger, metrics, database, application, appSettings: settings } = parts
  const jobs: readonly Job[] = config.SCHEDULED_JOBS ? [...kitJobs, ...application.jobs] : []
  return scheduleJobs(jobs, {
    db: database.db,
    withLock: database.withLock,
    settings,
    logger,
    metrics: metrics.jobs,
  })
}

async function drain({ config, logger, health }: Parts, api: ApiServer): Promise<void> {
  health.beginDrain()
  logger.info({ delay_ms: config.HTTP_DRAIN_DELAY_MS }, 'draining')
  await new Promise((resolve) => setTimeout(resolve, config.HTTP_DRAIN_DELAY_MS))
  const { clean } = await api.drain({
    timeoutMs: config.HTTP_SHUTDOWN_TIMEOUT_MS,
    // Only behind a proxy, which under load uses all its connections within this time.
    idleGraceMs: Math.min(config.HTTP_DRAIN_DELAY_MS, 1_000),
  })
  if (!clean) logger.warn('requests were cut off at the end of the drain')
}

/** Loads the settings of the API and its application from `env`; `mounted` replaces the application of src/app. */
export async function loadServer(env: NodeJS.ProcessEnv, mounted?: Mounted): Promise<LoadedServer> {
  const application = mounted?.application ?? (await loadApplication())
  const usedTables = mounted?.usedTables ?? (await loadUsedTables())
  const { config, settings: appSettings } = loadBoth('server', env, application.settings)
  return { config, appSettings, application, usedTables }
}

const sessionDeadlineMs = 2_000

/** Throws for wrong session settings. An unreachable database is left to readiness, which repeats the check. */
async function refuseWrongSession(database: DatabaseHandle): Promise<void> {
  try {
    await database.assertSession(sessionDeadlineMs)
  } catch (err) {
    if (isSessionFault(err)) throw err
  }
}

/** Opens all resources of the API in order. The database may be down: readiness reports that until it is back. */
export async function startServer(loaded: LoadedServer, logger: Logger): Promise<RunningServer> {
  const { config, usedTables } = loaded
  const metrics = createMetrics({ version: packageJson.version, revision: config.REVISION })
  const database = openPool(config, metrics)
  metrics.watchPool(database.stats)
  const health = readHealth(database, requiredMigrations(migrationsFolder), usedTables)
  const parts = { ...loaded, logger, metrics, database, health }
  const api = openApi(parts)
  const metricsServer = serveMetrics(metrics)
  const jobs = openJobs(parts)
  const close = async (): Promise<void> => {
    await Promise.all([drain(parts, api), jobs.close(config.HTTP_SHUTDOWN_TIMEOUT_MS)])
    await database.close()
    metricsServer.closeAllConnections()
    metricsServer.close()
  }
  try {
    await refuseWrongSession(database)
    const metricsAddress = { key: 'METRICS', host: config.METRICS_HOST, port: config.METRICS_PORT }
    const metricsPort = await listen(metricsServer, metricsAddress)
    const httpAddress = { key: 'HTTP', host: config.HTTP_HOST, port: config.HTTP_PORT }
    const httpPort = await listen(api.node, httpAddress)
    logger.info({ http_port: httpPort, metrics_port: metricsPort }, 'listening')
    return { httpPort, metricsPort, close }
  } catch (err) {
    await jobs.close(0)
    metricsServer.close()
    await database.close()
    throw err
  }
}
