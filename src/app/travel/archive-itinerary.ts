import { and, eq, isNull, sql } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '#kit/database'
import { itineraries } from './schema.ts'
import { getItinerary } from './get-itinerary.ts'
import { toItinerary, type Itinerary } from './itinerary.ts'
import { notFound } from '#kit/refusals'

/** Hides the itinerary from the ordinary list. An archived itinerary stays unchanged, including its version. */
export async function archiveItinerary(db: Database, userId: string, id: string): Promise<Itinerary> {
  if (!isUuid(id)) throw notFound('itinerary')
  const [row] = await db
    .update(itineraries)
    .set({ archivedAt: sql`now()`, updatedAt: sql`now()`, version: sql`${itineraries.version} + 1` })
    .where(and(eq(itineraries.id, id), eq(itineraries.userId, userId), isNull(itineraries.archivedAt)))
    .returning()
  return row === undefined ? getItinerary(db, userId, id) : toItinerary(row)
}
