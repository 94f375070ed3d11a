import { and, eq, sql } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '#kit/database'
import { pgError } from '#kit/pg-error'
import { itineraries } from './schema.ts'
import { AppError } from '#kit/errors'
import { getItinerary } from './get-itinerary.ts'
import { toItinerary, type Itinerary, type ItineraryPatch } from './itinerary.ts'
import { notFound, staleVersion } from '#kit/refusals'

/** Changes the fields in the patch when `expectedVersion` is the current version. */
export async function updateItinerary(
  db: Database,
  userId: string,
  id: string,
  patch: ItineraryPatch,
  expectedVersion: number,
): Promise<Itinerary> {
  if (!isUuid(id)) throw notFound('itinerary')
  const isExpected = and(
    eq(itineraries.id, id),
    eq(itineraries.userId, userId),
    eq(itineraries.version, expectedVersion),
  )
  const change = { ...patch, version: sql`${itineraries.version} + 1`, updatedAt: sql`now()` }
  const [row] = await db.update(itineraries).set(change).where(isExpected).returning().catch(datesTurnedRound)
  if (row !== undefined) return toItinerary(row)
  await getItinerary(db, userId, id)
  throw staleVersion('itinerary')
}

/** A patch of one date can put the start after the end, which only the row shows. */
function datesTurnedRound(err: unknown): never {
  if (pgError(err)?.constraint !== 'itineraries_starts_on_ends_on_check') throw err
  throw new AppError('unprocessable', 'the itinerary would end before it starts', {
    hint: 'send startsOn and endsOn together',
    cause: err,
  })
}
