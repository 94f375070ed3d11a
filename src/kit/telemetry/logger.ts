import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'
import { loggedError } from './scrub.ts'

export type Logger = PinoLogger

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

interface LoggerSettings {
  level: LogLevel
  /** Goes into every line. */
  service?: string
  /** Standard output when absent. */
  destination?: DestinationStream
}

const secretKeys = [
  'password',
  'token',
  'secret',
  'authorization',
  'cookie',
  '["set-cookie"]',
  'newPassword',
  'currentPassword',
  'accessToken',
  'refreshToken',
  'idToken',
  'access_token',
  'refresh_token',
  'id_token',
  'AUTH_SECRET',
  'DATABASE_URL',
  'DATABASE_PASSWORD',
]

function under(parent: string, key: string): string {
  return key.startsWith('[') ? `${parent}${key}` : `${parent}.${key}`
}

/** Every secret key at the top level of a line and up to two levels below. */
export const redactedPaths: readonly string[] = secretKeys.flatMap((key) => [
  key,
  under('*', key),
  under('*.*', key),
])

const errorFields = { err: loggedError, error: loggedError, cause: loggedError }

/** Formats the time of a line for pino, once per millisecond, because a busy API writes many lines in one. */
function createIsoTime(): () => string {
  let lastMs = 0
  let text = ''
  return () => {
    const nowMs = Date.now()
    if (nowMs !== lastMs) {
      lastMs = nowMs
      text = `,"time":"${new Date(nowMs).toISOString()}"`
    }
    return text
  }
}

/** Creates a logger that writes JSON lines with snake_case fields, an ISO time and a level by name. */
export function createLogger(settings: LoggerSettings): Logger {
  // A write per line costs a sixth of the throughput; the timer keeps a quiet log at most a quarter second behind.
  const destination =
    settings.destination ?? pino.destination({ fd: 1, minLength: 4096, sync: false, periodicFlush: 250 })
  return pino(
    {
      level: settings.level,
      base: settings.service === undefined ? null : { service: settings.service },
      timestamp: createIsoTime(),
      formatters: { level: (label) => ({ level: label }) },
      serializers: errorFields,
      redact: { paths: [...redactedPaths], censor: '[redacted]' },
    },
    destination,
  )
}
