import { createRoute, z } from '@hono/zod-openapi'
import type { AppDeps } from '../app-deps.ts'
import { createRouter } from '../rest/create-router.ts'
import { requireUser } from '../rest/require-user.ts'
import { problemResponses } from '../rest/problem-responses.ts'

const meSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    emailVerified: z.boolean(),
    image: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Me' })

const read = createRoute({
  method: 'get',
  path: '/',
  tags: ['me'],
  summary: 'The signed-in user',
  responses: {
    200: { description: 'You', content: { 'application/json': { schema: meSchema } } },
    ...problemResponses('unauthenticated', 'unavailable'),
  },
})

/** Creates the route that returns the signed-in user. */
export function createMeRoutes(deps: Pick<AppDeps, 'auth'>) {
  return createRouter().openapi({ ...read, middleware: requireUser(deps) }, (c) => {
    const { id, name, email, emailVerified, image, createdAt } = c.get('user')
    const body = { id, name, email, emailVerified, image: image ?? null, createdAt: createdAt.toISOString() }
    return c.json(body, 200)
  })
}
