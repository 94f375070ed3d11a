import { createRoute, z } from '@hono/zod-openapi'
import type { AppDeps, Readiness } from '../app-deps.ts'
import { createRouter } from '../rest/create-router.ts'
import { DetailedError } from '../rest/detailed-error.ts'
import { problemResponses } from '../rest/problem-responses.ts'

const live = createRoute({
  method: 'get',
  path: '/livez',
  tags: ['health'],
  security: [],
  summary: 'Whether the process runs; never asks the database',
  responses: {
    200: {
      description: 'Alive',
      content: { 'application/json': { schema: z.object({ status: z.literal('live') }) } },
    },
  },
})

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['health'],
  security: [],
  summary: 'Whether requests should be sent here',
  responses: {
    200: {
      description: 'Ready',
      content: { 'application/json': { schema: z.object({ status: z.literal('ready') }) } },
    },
    ...problemResponses('unavailable'),
  },
})

const databaseHealth = z.object({
  status: z.literal('ok'),
  latencyMs: z.number(),
  serverVersion: z.string(),
  migrationsApplied: z.int(),
  migrationsMissing: z.int(),
})

const database = createRoute({
  method: 'get',
  path: '/api/health/db',
  tags: ['health'],
  security: [],
  summary: 'Whether the database answers, how fast and which migrations it has',
  responses: {
    200: { description: 'Connected', content: { 'application/json': { schema: databaseHealth } } },
    ...problemResponses('unavailable'),
  },
})

/** Creates the liveness and readiness routes. */
export function createHealthRoutes({ health }: Pick<AppDeps, 'health'>) {
  return createRouter()
    .openapi(live, (c) => c.json({ status: 'live' as const }, 200))
    .openapi(ready, async (c) => {
      const readiness = await health.ready()
      if (!readiness.ready) throw notReady(readiness)
      return c.json({ status: 'ready' as const }, 200)
    })
    .openapi(database, async (c) => c.json({ status: 'ok' as const, ...(await health.database()) }, 200))
}

const sentences = {
  draining: 'this process is shutting down',
  database_away: 'the database does not answer',
  session_settings: 'sessions of the database lack the time-outs that this process relies on',
  migrations_missing: 'the database lacks migrations that this version needs',
  privileges_missing: 'the role of the API may not do in the database what this version needs',
} satisfies Record<(Readiness & { ready: false })['reason'], string>

function notReady({ reason, hint }: Readiness & { ready: false }): DetailedError {
  const options = { fields: { reason }, ...(hint === undefined ? {} : { hint }) }
  return new DetailedError('unavailable', sentences[reason], { reason }, options)
}
