import { sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import type { Database } from '#kit/database'
import { preparedOnce, type Queries } from '#kit/prepared-once'
import { itineraries } from './schema.ts'
import { AppError } from '#kit/errors'
import { createOnce, type Idempotency } from '#kit/create-once'
import { toItinerary, type CreateItineraryInput, type Itinerary } from './itinerary.ts'

/**
 * Creates an itinerary. With `idempotency` a repeated request gets the first answer unchanged, for the 24 hours until
 * the key is swept.
 */
export async function createItinerary(
  db: Database,
  userId: string,
  input: CreateItineraryInput,
  idempotency?: Idempotency,
): Promise<{ itinerary: Itinerary; replayed: boolean }> {
  const { created, replayed } = await createOnce(db, userId, idempotency, (tx) => insert(tx, userId, input))
  return { itinerary: created, replayed }
}

const insertion = preparedOnce((db) =>
  db
    .insert(itineraries)
    .values({
      id: sql.placeholder('id'),
      userId: sql.placeholder('userId'),
      title: sql.placeholder('title'),
      destination: sql.placeholder('destination'),
      startsOn: sql.placeholder('startsOn'),
      endsOn: sql.placeholder('endsOn'),
      status: sql.placeholder('status'),
      notes: sql.placeholder('notes'),
      days: sql.placeholder('days'),
    })
    .returning()
    .prepare('create_itinerary'),
)

async function insert(db: Queries, userId: string, input: CreateItineraryInput): Promise<Itinerary> {
  const [row] = await insertion(db).execute({ id: uuidv7(), userId, ...input })
  if (row === undefined) throw new AppError('internal', 'the itinerary was not written')
  return toItinerary(row)
}
