import type { Logger } from '../../telemetry/logger.ts'

/**
 * Ends the process: on SIGTERM or SIGINT with exit code 0 once `close` is done, on an uncaught error with exit code
 * 1. A second signal ends it at once, with the exit code of a killed process.
 */
export function endOnSignal(logger: Logger, close: () => Promise<void>): void {
  let isEnding = false
  const end = (code: number): void => {
    isEnding = true
    close()
      .catch((err: unknown) => {
        logger.error({ err }, 'closing failed')
        code = 1
      })
      .finally(() => logger.flush(() => process.exit(code)))
  }
  const onSignal = (signal: 'SIGTERM' | 'SIGINT'): void => {
    if (isEnding) process.exit(signal === 'SIGTERM' ? 143 : 130)
    logger.info({ signal }, 'signal received')
    end(0)
  }
  const onError = (err: unknown): void => {
    logger.fatal({ err }, 'uncaught error')
    if (!isEnding) end(1)
  }
  process.on('SIGTERM', () => onSignal('SIGTERM'))
  process.on('SIGINT', () => onSignal('SIGINT'))
  process.on('uncaughtException', onError)
  process.on('unhandledRejection', onError)
}
