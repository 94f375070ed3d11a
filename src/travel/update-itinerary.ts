import { and, eq, sql } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '../db/open-database.ts'
import { pgError } from '../db/pg-error.ts'
import { itineraries } from '../db/schema/travel-tables.ts'
import { AppError } from '../errors.ts'
import { getItinerary } from './get-itinerary.ts'
import { toItinerary, type Itinerary, type ItineraryPatch } from './model/itinerary.ts'
import { notFound, staleVersion } from './model/refusals.ts'

/** Changes what the patch names, and only if `expectedVersion` is still the version. */
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

/** A patch of one date can turn the range round, which only the row knows. */
function datesTurnedRound(err: unknown): never {
  if (pgError(err)?.constraint !== 'itineraries_starts_on_ends_on_check') throw err
  throw new AppError('unprocessable', 'the itinerary would end before it starts', {
    hint: 'send startsOn and endsOn together',
    cause: err,
  })
}
