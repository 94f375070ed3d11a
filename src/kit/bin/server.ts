import { loadConfig } from '../config/load.ts'
import { createLogger } from '../telemetry/logger.ts'
import { endOnSignal } from './process/end-on-signal.ts'
import { reportFailure } from './process/report-failure.ts'
import { startServer } from './start-server.ts'

try {
  const config = loadConfig('server', process.env)
  const logger = createLogger({ level: config.LOG_LEVEL, service: 'api' })
  const server = await startServer(config, logger)
  endOnSignal(logger, server.close)
} catch (err) {
  process.exit(reportFailure(err))
}
