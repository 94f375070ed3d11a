import { archiveItinerary } from '../archive-itinerary.ts'
import { createItinerary } from '../create-itinerary.ts'
import { deleteItinerary } from '../delete-itinerary.ts'
import { getItinerary } from '../get-itinerary.ts'
import { listItineraries } from '../list-itineraries.ts'
import { updateItinerary } from '../update-itinerary.ts'
import type { AppDeps } from '#kit/app-deps'
import { createRouter } from '#kit/router'
import { formatEtag, isUnchanged, requireVersion } from '#kit/etag'
import { idempotencyOf } from '#kit/idempotency'
import { userGuards } from '#kit/user-guards'
import { setNextLink } from '#kit/next-link'
import { setHeaders } from '#kit/set-headers'
import { archive, create, list, read, remove, update } from './itineraries-contract.ts'

export function createItineraryRoutes(deps: Pick<AppDeps, 'auth' | 'db' | 'settings'>) {
  const { db } = deps
  const { user, userWithBody } = userGuards(deps)
  return createRouter()
    .openapi({ ...create, middleware: userWithBody }, async (c) => {
      const input = c.req.valid('json')
      const idempotency = idempotencyOf(c.req.header('idempotency-key'), input)
      const { itinerary, replayed } = await createItinerary(db, c.get('user').id, input, idempotency)
      setHeaders(c, { location: `/api/itineraries/${itinerary.id}`, etag: formatEtag(itinerary.version) })
      if (replayed) setHeaders(c, { 'idempotency-replayed': 'true' })
      return c.json(itinerary, 201)
    })
    .openapi({ ...list, middleware: user }, async (c) => {
      const page = await listItineraries(db, c.get('user').id, c.req.valid('query'))
      setNextLink(c, page.nextCursor)
      return c.json(page, 200)
    })
    .openapi({ ...read, middleware: user }, async (c) => {
      const itinerary = await getItinerary(db, c.get('user').id, c.req.valid('param').id)
      setHeaders(c, { etag: formatEtag(itinerary.version) })
      if (isUnchanged(c.req.header('if-none-match'), itinerary.version)) return c.body(null, 304)
      return c.json(itinerary, 200)
    })
    .openapi({ ...update, middleware: userWithBody }, async (c) => {
      const { id } = c.req.valid('param')
      const expected = requireVersion(c.req.header('if-match'))
      const itinerary = await updateItinerary(db, c.get('user').id, id, c.req.valid('json'), expected)
      setHeaders(c, { etag: formatEtag(itinerary.version) })
      return c.json(itinerary, 200)
    })
    .openapi({ ...archive, middleware: user }, async (c) => {
      const itinerary = await archiveItinerary(db, c.get('user').id, c.req.valid('param').id)
      setHeaders(c, { etag: formatEtag(itinerary.version) })
      return c.json(itinerary, 200)
    })
    .openapi({ ...remove, middleware: user }, async (c) => {
      await deleteItinerary(db, c.get('user').id, c.req.valid('param').id)
      return c.body(null, 204)
    })
}
