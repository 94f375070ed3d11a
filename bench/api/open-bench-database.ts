import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { setup } from '../../test/support/postgres-setup.ts'
import { urlOf, type PostgresFacts } from '../../test/support/postgres-facts.ts'
import { sampleItinerary } from './sample-itinerary.ts'

export interface BenchDatabase {
  kind: PostgresFacts['kind']
  /** As `app`. */
  url: string
  serverVersion: string
  /** Adds rows of this user and returns the ids of those which the point reads ask for. */
  seed: (userId: string) => Promise<string[]>
  close: () => Promise<void>
}

const ownRows = 500
const otherUsers = 50

const insertRows = async (sql: postgres.Sql, userId: string): Promise<string[]> => {
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
const insertOthers = async (sql: postgres.Sql): Promise<void> => {
  for (let number = 0; number < otherUsers; number += 1) {
    const id = randomUUID()
    await sql`insert into "user" (id, name, email) values (${id}, 'Other', ${`${id}@example.com`})`
    await insertRows(sql, id)
  }
}

/** The PostgreSQL of the integration tests: real, migrated, and thrown away with everything in it. */
export const openBenchDatabase = async (): Promise<BenchDatabase> => {
  let facts: PostgresFacts | undefined
  const project = { provide: (_key: 'postgres', provided: PostgresFacts) => void (facts = provided) }
  const closeServer = await setup(project as unknown as TestProject)
  if (facts === undefined) throw new Error('the set-up of the integration tests provided no PostgreSQL')
  const { kind, templateDatabase } = facts
  const sql = postgres(urlOf(facts, 'postgres', templateDatabase), { max: 1, onnotice: () => undefined })
  const [version] = await sql<{ server_version: string }[]>`show server_version`
  return {
    kind,
    url: urlOf(facts, 'app', templateDatabase),
    serverVersion: version?.server_version ?? 'unknown',
    seed: async (userId) => {
      await insertOthers(sql)
      const ids = await insertRows(sql, userId)
      await sql`vacuum analyze`
      return ids
    },
    close: async () => {
      await sql.end({ timeout: 5 })
      await closeServer()
    },
  }
}
