import { and, desc, eq, sql } from 'drizzle-orm'
import type { Database } from '#kit/database'
import { preparedOnce } from '#kit/prepared-once'
import { itineraries } from './schema.ts'
import { beforeFirstPage, decodeTimeCursor, encodeTimeCursor } from '#kit/cursor'
import { toItinerary, type Itinerary } from './itinerary.ts'
import { toPage, type Page, type PageRequest } from '#kit/page'

interface ListItinerariesRequest extends PageRequest {
  /** True lists archived itineraries only; otherwise only the others. */
  archived?: boolean | undefined
}

const newestFirst = preparedOnce((db) =>
  db
    .select()
    .from(itineraries)
    .where(
      and(
        eq(itineraries.userId, sql.placeholder('userId')),
        sql`(${itineraries.createdAt}, ${itineraries.id}) < (${sql.placeholder('createdAt')}::timestamptz, ${sql.placeholder('id')}::uuid)`,
        sql`(${itineraries.archivedAt} IS NOT NULL) = ${sql.placeholder('archived')}::boolean`,
      ),
    )
    .orderBy(desc(itineraries.createdAt), desc(itineraries.id))
    .limit(sql.placeholder('limit'))
    .prepare('list_itineraries'),
)

/** Lists itineraries, newest first. */
export async function listItineraries(
  db: Database,
  userId: string,
  { limit, cursor, archived = false }: ListItinerariesRequest,
): Promise<Page<Itinerary>> {
  const { createdAt, id } = cursor === undefined ? beforeFirstPage : decodeTimeCursor(cursor)
  const position = { createdAt: createdAt.toISOString(), id }
  const rows = await newestFirst(db).execute({ userId, archived, limit: limit + 1, ...position })
  return toPage(rows, limit, { toItem: toItinerary, toCursor: encodeTimeCursor })
}
