import { betterAuth } from 'better-auth/minimal'
import type { BetterAuthOptions } from 'better-auth/types'
import type { Database } from '../db/open-database.ts'
import { isUnavailable, pgError } from '../postgres/pg-error.ts'
import { AppError } from '../errors.ts'
import { clientAddressHeader } from './client-address-header.ts'
import { createAuthAdapter } from './create-auth-adapter.ts'
import { consumeRateLimit } from './consume-rate-limit.ts'
import { rateLimitBucket } from './rate-limit-bucket.ts'
import { refuseUnstorable } from './refuse-unstorable.ts'
import { SwallowedErrors } from './swallowed-errors.ts'

export interface AuthSettings {
  db: Database
  /** At least 32 characters; signs the cookies. */
  secret: string
  /** Public URL of the API; cookies are Secure exactly when its scheme is https. */
  baseUrl: string
  /** Origins that may send a session cookie, in addition to the origin of `baseUrl`. */
  trustedOrigins?: readonly string[]
  /** False only in tests and benchmarks. */
  rateLimits?: boolean
  /**
   * Receives the errors that Better Auth swallows. They may hold SQL with parameters: pass them to a redacting log
   * only.
   */
  onError: (error: Error) => void
}

export type Auth = ReturnType<typeof createAuth>

/**
 * Creates the Better Auth instance: sign-up and sign-in by e-mail and password, sessions and rate limits in the
 * database. `handler` throws an `unavailable` AppError when the database does not answer.
 */
export function createAuth(settings: AuthSettings) {
  const swallowed = new SwallowedErrors()
  const paths = new Set<string>()
  const instance = betterAuth({
    ...identityOptions(settings),
    rateLimit: rateLimitOptions(settings, paths),
    // Without `throw` a failed sign-up writes its statement, with the password hash, to stderr even with the logger
    // off.
    onAPIError: { throw: true },
    logger: {
      level: 'error',
      // Messages quote addresses and origins that clients sent, so only the errors among the arguments are reported.
      log: (_level, _message, ...args: unknown[]) => {
        for (const each of args) if (each instanceof Error && !swallowed.add(each)) settings.onError(each)
      },
    },
  })
  pathsOf(instance.api).forEach((path) => paths.add(path))
  return {
    db: settings.db,
    api: instance.api,
    $context: instance.$context,
    handler: async (request: Request): Promise<Response> => {
      const { result, errors } = await swallowed.during(() => instance.handler(request))
      return explained(result, errors, settings.onError)
    },
  }
}

/** Leaves out paths with a parameter: the client chooses the parameter's value. */
function pathsOf(api: object): string[] {
  const endpoints = Object.values(api) as { path?: string }[]
  return endpoints.flatMap(({ path }) => (path === undefined || path.includes(':') ? [] : [path]))
}

/** Turns a refusal that was caused by an unavailable database into `unavailable`, so that the client tries again. */
function explained(response: Response, errors: Error[], onError: AuthSettings['onError']): Response {
  const away = errors.find(isUnavailable)
  if (away !== undefined && response.status >= 400) {
    throw new AppError('unavailable', 'the database does not answer', { hint: 'try again', cause: away })
  }
  errors.filter(isNews).forEach(onError)
  return response
}

/**
 * False for the loser of two concurrent sign-ups with one address and for Better Auth's own refusals: the client got
 * an answer to both.
 */
function isNews(error: Error): boolean {
  return pgError(error)?.sqlState !== '23505' && error.name !== 'BetterAuthError'
}

const hour = 60 * 60

function identityOptions({ db, secret, baseUrl, trustedOrigins = [] }: AuthSettings) {
  return {
    secret,
    baseURL: baseUrl,
    basePath: '/api/auth',
    trustedOrigins: [...trustedOrigins],
    database: createAuthAdapter(db),
    emailAndPassword: { enabled: true },
    // No cookie cache: a sign-out or a revocation takes effect at the next request, for one query per request.
    session: { expiresIn: 7 * 24 * hour, updateAge: 24 * hour, freshAge: 24 * hour },
    databaseHooks: { session: { create: { before: cutUserAgent } } },
    hooks: { before: refuseUnstorable },
    advanced: {
      // Explicit, because NODE_ENV=test or a TEST variable would switch these checks off.
      disableOriginCheck: false,
      disableCSRFCheck: false,
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      database: { joins: true },
    },
    telemetry: { enabled: false },
    experimental: { instrumentation: { enabled: false } },
  } satisfies BetterAuthOptions
}

function rateLimitOptions({ db, rateLimits = true }: AuthSettings, paths: ReadonlySet<string>) {
  return {
    // Explicit, because Better Auth limits nothing unless NODE_ENV is production.
    enabled: rateLimits,
    storage: 'database',
    customStorage: { consume: (key, rule) => consumeRateLimit(db, rateLimitBucket(key, paths), rule) },
  } satisfies BetterAuthOptions['rateLimit']
}

/** A header may be 16 kB long, and every session row keeps it. */
function cutUserAgent<T extends { userAgent?: string | null | undefined }>(created: T) {
  return Promise.resolve({ data: { ...created, userAgent: created.userAgent?.slice(0, 512) } })
}
