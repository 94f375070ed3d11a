import { createRoute } from '@hono/zod-openapi'
import { getPreferences } from '../../travel/get-preferences.ts'
import { preferencesInput, preferencesSchema } from '../../travel/model/preferences.ts'
import { putPreferences } from '../../travel/put-preferences.ts'
import type { AppDeps } from '../app-deps.ts'
import { createRouter } from '../create-router.ts'
import { formatEtag, isUnchanged, requireVersion } from '../etag.ts'
import { headerParameters } from '../header-parameters.ts'
import { userGuards } from '../middleware/user-guards.ts'
import { problemResponses } from '../problem-responses.ts'

const representation = {
  description: 'The preferences; ETag is their version',
  content: { 'application/json': { schema: preferencesSchema.meta({ id: 'Preferences' }) } },
}

const read = createRoute({
  method: 'get',
  path: '/',
  tags: ['preferences'],
  summary: 'Your travel preferences; the defaults while nothing was saved',
  parameters: [headerParameters.ifNoneMatch],
  responses: {
    200: representation,
    304: { description: 'Not changed since the version in If-None-Match' },
    ...problemResponses('unauthenticated', 'unavailable'),
  },
})

const replace = createRoute({
  method: 'put',
  path: '/',
  tags: ['preferences'],
  summary: 'Replaces your preferences; with If-Match only if nobody changed them meanwhile',
  parameters: [headerParameters.ifMatch],
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: preferencesInput.meta({ id: 'PreferencesInput' }) } },
    },
  },
  responses: {
    200: representation,
    ...problemResponses('invalid_request', 'unauthenticated', 'precondition_failed', 'payload_too_large'),
    ...problemResponses('unsupported_media_type', 'unavailable'),
  },
})

export function createPreferencesRoutes(deps: Pick<AppDeps, 'auth' | 'db' | 'settings'>) {
  const { db } = deps
  const { user, userWithBody } = userGuards(deps)
  return createRouter()
    .openapi({ ...read, middleware: user }, async (c) => {
      const preferences = await getPreferences(db, c.get('user').id)
      c.header('etag', formatEtag(preferences.version))
      if (isUnchanged(c.req.header('if-none-match'), preferences.version)) return c.body(null, 304)
      return c.json(preferences, 200)
    })
    .openapi({ ...replace, middleware: userWithBody }, async (c) => {
      const ifMatch = c.req.header('if-match')
      const expected = ifMatch === undefined ? undefined : requireVersion(ifMatch)
      const preferences = await putPreferences(db, c.get('user').id, c.req.valid('json'), expected)
      return c.json(preferences, 200, { etag: formatEtag(preferences.version) })
    })
}
