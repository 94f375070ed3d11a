import { archiveItinerary } from '../../travel/archive-itinerary.ts'
import { createItinerary } from '../../travel/create-itinerary.ts'
import { deleteItinerary } from '../../travel/delete-itinerary.ts'
import { getItinerary } from '../../travel/get-itinerary.ts'
import { listItineraries } from '../../travel/list-itineraries.ts'
import { updateItinerary } from '../../travel/update-itinerary.ts'
import type { AppDeps } from '../app-deps.ts'
import { createRouter } from '../create-router.ts'
import { formatEtag, isUnchanged, requireVersion } from '../etag.ts'
import { idempotencyOf } from '../idempotency.ts'
import { userGuards } from '../middleware/user-guards.ts'
import { setNextLink } from '../next-link.ts'
import { setHeaders } from '../set-headers.ts'
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
