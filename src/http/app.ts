import { cors } from 'hono/cors'
import type { AppDeps } from './app-deps.ts'
import { createClientAddresses, type ClientAddresses } from './client-address.ts'
import { createRouter } from './create-router.ts'
import { admit } from './middleware/admit.ts'
import { observe } from './middleware/observe.ts'
import { sameOrigin } from './middleware/same-origin.ts'
import { createNotFound } from './not-found.ts'
import { problemResponse } from './problem.ts'
import { createAuthRoutes } from './routes/auth.ts'
import { createConversationRoutes } from './routes/conversations.ts'
import { createDocsRoutes } from './routes/docs.ts'
import { createHealthRoutes } from './routes/health.ts'
import { createItineraryRoutes } from './routes/itineraries.ts'
import { createMeRoutes } from './routes/me.ts'
import { createPreferencesRoutes } from './routes/preferences.ts'
import { toAppError } from './to-app-error.ts'

/** What `hono/client` needs to know every route, its inputs and its answers. */
export type AppType = ReturnType<typeof createApp>

type Router = ReturnType<typeof createRouter>

/** Every route behind the one outer handler. It wants Node's own request and response: let `createServer` run it. */
export function createApp(deps: AppDeps) {
  const addresses = createClientAddresses(deps.settings.trustedProxies)
  const patterns = new Set<string>()
  const app = createRouter()
  const plainLogger = deps.logger.child({}, { redact: { paths: [] } })
  app.use(
    observe({ ...deps, plainLogger, isRoute: (pattern) => patterns.has(pattern) }, addresses, deps.settings),
  )
  addGuards(app, deps)
  addRefusals(app, deps)
  const routes = addRoutes(app, deps, addresses)
  for (const { method, path } of app.routes) {
    if (method === 'ALL') continue
    patterns.add(path)
    deps.metrics.registerRoute(method, path)
  }
  return routes
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

/** One `.route()` per resource: a single long chain of routes makes the compiler crawl. */
function addRoutes(app: Router, deps: AppDeps, addresses: ClientAddresses) {
  app.route('/', createAuthRoutes({ ...deps, addresses }))
  app.route('/', createDocsRoutes(app, deps.settings))
  return app
    .route('/', createHealthRoutes(deps))
    .route('/api/me', createMeRoutes(deps))
    .route('/api/preferences', createPreferencesRoutes(deps))
    .route('/api/itineraries', createItineraryRoutes(deps))
    .route('/api/conversations', createConversationRoutes(deps))
}
