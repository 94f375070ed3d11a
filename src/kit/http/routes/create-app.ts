import { cors } from 'hono/cors'
import type { AppDeps } from '../app-deps.ts'
import { createClientAddresses } from '../server/client-address.ts'
import { createRouter } from '../rest/create-router.ts'
import { admit } from '../server/admit.ts'
import { observe } from '../server/observe.ts'
import { sameOrigin } from '../server/same-origin.ts'
import { createNotFound } from './not-found.ts'
import { problemResponse } from '../rest/problem.ts'
import { createAuthRoutes } from './auth.ts'
import { createDocsRoutes } from './docs.ts'
import type { DocumentParts } from './openapi-document.ts'
import { createHealthRoutes } from './health.ts'
import { createMeRoutes } from './me.ts'
import { toAppError } from './to-app-error.ts'

type Router = ReturnType<typeof createRouter>

/** Dependencies of an application's routes; `S` is the type of its own settings. */
export type RouteDeps<S = unknown> = Pick<AppDeps, 'auth' | 'db' | 'settings'> & { appSettings: S }
/** The typed routes of the kit, to which an application adds its own. */
export type KitRouter = ReturnType<typeof addKitRoutes>

export interface MountedRoutes {
  document: DocumentParts
  mount(router: KitRouter, deps: RouteDeps): unknown
}

/**
 * Combines all routes behind the one outer handler. It needs Node's own request and response: run it with
 * `createServer`.
 */
export function createApp(deps: AppDeps, application: MountedRoutes): Router {
  const addresses = createClientAddresses(deps.settings.trustedProxies)
  const patterns = new Set<string>()
  const app = createRouter()
  const plainLogger = deps.logger.child({}, { redact: { paths: [] } })
  app.use(
    observe({ ...deps, plainLogger, isRoute: (pattern) => patterns.has(pattern) }, addresses, deps.settings),
  )
  addGuards(app, deps)
  addRefusals(app, deps)
  app.route('/', createAuthRoutes({ ...deps, addresses }))
  app.route('/', createDocsRoutes(app, deps.settings, application.document))
  application.mount(addKitRoutes(app, deps), deps)
  for (const { method, path } of app.routes) {
    if (method === 'ALL') continue
    patterns.add(path)
    deps.metrics.registerRoute(method, path)
  }
  return app
}

function addGuards(app: Router, { gate, settings }: AppDeps): void {
  app.use('/api/*', admit({ gate, ...settings }), sameOrigin(settings))
  if (settings.corsOrigins.length === 0) return
  const exposeHeaders = ['etag', 'idempotency-replayed', 'link', 'location', 'retry-after', 'x-request-id']
  app.use(
    '/api/*',
    cors({ origin: [...settings.corsOrigins], credentials: true, exposeHeaders, maxAge: 600 }),
  )
}

function addRefusals(app: Router, { explainError }: AppDeps): void {
  app.onError((err, c) => {
    const error = toAppError(err, explainError)
    c.set('failure', error)
    return problemResponse(error, c.get('requestId'))
  })
  app.notFound(createNotFound(app))
}

function addKitRoutes(app: Router, deps: AppDeps) {
  return app.route('/', createHealthRoutes(deps)).route('/api/me', createMeRoutes(deps))
}
