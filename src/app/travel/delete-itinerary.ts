import { and, eq } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import type { Database } from '#kit/database'
import { itineraries } from './schema.ts'
import { notFound } from '#kit/refusals'

/** Deletes the itinerary. Its conversations stay, without an itinerary. */
export async function deleteItinerary(db: Database, userId: string, id: string): Promise<void> {
  if (!isUuid(id)) throw notFound('itinerary')
  const deleted = await db
    .delete(itineraries)
    .where(and(eq(itineraries.id, id), eq(itineraries.userId, userId)))
    .returning({ id: itineraries.id })
  if (deleted.length === 0) throw notFound('itinerary')
}
