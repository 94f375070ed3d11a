import { createLogger } from '../telemetry/logger.ts'
import { endOnSignal } from './process/end-on-signal.ts'
import { reportFailure } from './process/report-failure.ts'
import { loadServer, startServer } from './start-server.ts'

try {
  const loaded = await loadServer(process.env)
  const logger = createLogger({ level: loaded.config.LOG_LEVEL, service: 'api' })
  const server = await startServer(loaded, logger)
  endOnSignal(logger, server.close)
} catch (err) {
  process.exit(reportFailure(err))
}
