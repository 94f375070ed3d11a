import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'
import { sampleItinerary } from './sample-itinerary.ts'

const ownRows = 500
const otherUsers = 50

const insertRows = async (sql: Sql, userId: string): Promise<string[]> => {
  const rows = Array.from({ length: ownRows }, (_, number) => {
    const { startsOn, endsOn, days, ...rest } = sampleItinerary(number)
    return {
      id: randomUUID(),
      user_id: userId,
      starts_on: startsOn,
      ends_on: endsOn,
      days: sql.json(days),
      ...rest,
    }
  })
  await sql`insert into itineraries ${sql(rows)}`
  return rows.map(({ id }) => id)
}

/** Rows that nobody asks for, so that an index has something to do. */
const insertOthers = async (sql: Sql): Promise<void> => {
  for (let number = 0; number < otherUsers; number += 1) {
    const id = randomUUID()
    await sql`insert into "user" (id, name, email) values (${id}, 'Other', ${`${id}@example.com`})`
    await insertRows(sql, id)
  }
}

/** Rows of this user among those of others; returns the ids of its own. */
export const seedItineraries = async (sql: Sql, userId: string): Promise<string[]> => {
  await insertOthers(sql)
  const ids = await insertRows(sql, userId)
  await sql`vacuum analyze`
  return ids
}
