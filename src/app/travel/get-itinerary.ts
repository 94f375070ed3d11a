import { and, eq, sql } from 'drizzle-orm'
import { validate as isUuid } from 'uuid'
import { preparedOnce, type Queries } from '#kit/prepared-once'
import { itineraries } from './schema.ts'
import { toItinerary, type Itinerary } from './itinerary.ts'
import { notFound } from '#kit/refusals'

const byId = preparedOnce((db) =>
  db
    .select()
    .from(itineraries)
    .where(and(eq(itineraries.id, sql.placeholder('id')), eq(itineraries.userId, sql.placeholder('userId'))))
    .prepare('get_itinerary'),
)

export async function getItinerary(db: Queries, userId: string, id: string): Promise<Itinerary> {
  const [row] = isUuid(id) ? await byId(db).execute({ id, userId }) : []
  if (row === undefined) throw notFound('itinerary')
  return toItinerary(row)
}
