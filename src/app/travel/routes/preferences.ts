import { createRoute } from '@hono/zod-openapi'
import { getPreferences } from '../get-preferences.ts'
import { preferencesInput, preferencesSchema } from '../preferences.ts'
import { putPreferences } from '../put-preferences.ts'
import type { AppDeps } from '#kit/app-deps'
import { createRouter } from '#kit/router'
import { formatEtag, isUnchanged, requireVersion } from '#kit/etag'
import { headerParameters } from '#kit/header-parameters'
import { userGuards } from '#kit/user-guards'
import { problemResponses } from '#kit/problem-responses'

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
