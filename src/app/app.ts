import type { Application } from '#kit/application'
import type { KitRouter, RouteDeps } from '#kit/create-app'
import type { SettingsOf } from '#kit/settings'
import { jobs } from './travel/jobs.ts'
import { createConversationRoutes } from './travel/routes/conversations.ts'
import { createItineraryRoutes } from './travel/routes/itineraries.ts'
import { createPreferencesRoutes } from './travel/routes/preferences.ts'
import { seed } from './travel/seed.ts'
import { settings } from './travel/settings.ts'

/** One `.route()` per resource: a single long chain of routes makes the compiler slow. */
function mount(router: KitRouter, deps: RouteDeps<SettingsOf<typeof settings>>) {
  return router
    .route('/api/preferences', createPreferencesRoutes(deps))
    .route('/api/itineraries', createItineraryRoutes(deps))
    .route('/api/conversations', createConversationRoutes(deps))
}

/** Type of every route with inputs and answers, for `hono/client`. */
export type AppType = ReturnType<typeof mount>

export const application = {
  document: { title: 'Slipway API', tags: ['preferences', 'itineraries', 'conversations'] },
  settings,
  jobs,
  mount,
  seed,
} satisfies Application<typeof settings>
