/**
 * The API of production on an embedded PostgreSQL, in the foreground; ops/embedded.sh keeps it in the background.
 *   node src/kit/bin/embedded.ts
 */
import { mkdir, rm } from 'node:fs/promises'
import { loadConfig, type Config } from '../config/load.ts'
import { createLogger, type Logger } from '../telemetry/logger.ts'
import { writePrivate } from './embedded-state.ts'
import { endOnSignal } from './process/end-on-signal.ts'
import { openEmbeddedDatabase, type EmbeddedDatabase } from './open-embedded-database.ts'
import { claimPidFile } from './pid-file.ts'
import { reportFailure } from './process/report-failure.ts'
import { loadServer, startServer, type RunningServer } from './start-server.ts'

/** Overrides every database setting of the environment: this mode never uses a configured database. */
function serverEnv(database: EmbeddedDatabase): NodeJS.ProcessEnv {
  const own = { ...process.env }
  for (const name of [
    'DATABASE_PASSWORD',
    'DATABASE_CA_FILE',
    'DATABASE_URL_FILE',
    'DATABASE_PASSWORD_FILE',
  ]) {
    own[name] = ''
  }
  return {
    ...own,
    PUBLIC_URL: own['PUBLIC_URL'] || `http://localhost:${own['HTTP_PORT'] || '3000'}`,
    DATABASE_URL: database.urlFor('app'),
    AUTH_SECRET: database.authSecret,
    AUTH_SECRET_FILE: '',
  }
}

/** Writes the file for ops/embedded.sh and `node --env-file` (seed, psql); it exists only while the API runs. */
function writeRunningFile(path: string, database: EmbeddedDatabase, server: RunningServer): Promise<void> {
  return writePrivate(
    path,
    [
      `API_URL=http://127.0.0.1:${server.httpPort}`,
      `SCRAPE_URL=http://127.0.0.1:${server.metricsPort}/metrics`,
      `DATABASE_URL=${database.urlFor('app')}`,
      '',
    ].join('\n'),
  )
}

async function serve(folder: string, database: EmbeddedDatabase, logger: Logger): Promise<RunningServer> {
  const server = await startServer(await loadServer(serverEnv(database)), logger)
  const path = `${folder}/embedded.env`
  await writeRunningFile(path, database, server)
  return {
    ...server,
    close: async () => {
      await rm(path, { force: true })
      await server.close()
    },
  }
}

async function run(config: Config<'embedded'>, releasePidFile: () => Promise<void>): Promise<void> {
  const logger = createLogger({ level: config.LOG_LEVEL, service: 'embedded' })
  const { EMBEDDED_DATA_DIR: folder, EMBEDDED_POSTGRES_PORT: port } = config
  const database = await openEmbeddedDatabase({ folder, port }, logger)
  try {
    const server = await serve(folder, database, logger)
    let isClosing = false
    endOnSignal(logger, async () => {
      isClosing = true
      await server.close()
      await database.close()
      await releasePidFile()
    })
    void database.exited.then(() => {
      if (!isClosing) throw new Error('the embedded PostgreSQL ended by itself; see postgres/server.log')
    })
  } catch (err) {
    await database.close()
    throw err
  }
}

async function main(): Promise<void> {
  const config = loadConfig('embedded', process.env)
  await mkdir(config.EMBEDDED_DATA_DIR, { recursive: true, mode: 0o711 })
  const releasePidFile = await claimPidFile(`${config.EMBEDDED_DATA_DIR}/embedded.pid`)
  try {
    await run(config, releasePidFile)
  } catch (err) {
    await releasePidFile()
    throw err
  }
}

try {
  await main()
} catch (err) {
  process.exit(reportFailure(err))
}
