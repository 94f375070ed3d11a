import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { setup } from '../../test/kit/support/postgres-setup.ts'
import { countRows } from '../../test/kit/drill/stored-rows.ts'
import { applicationOfProcess } from '../../test/kit/support/applications.ts'
import { urlOf, type PostgresFacts } from '../../test/kit/support/postgres-facts.ts'
import { seedRows } from './seed-rows.ts'

export interface BenchDatabase {
  kind: PostgresFacts['kind']
  /** As `app`. */
  url: string
  serverVersion: string
  /** Adds rows of this user and returns the ids of those which the point reads ask for. */
  seed: (userId: string) => Promise<string[]>
  /** Rows in the table that the requests write to. */
  countRows: () => Promise<number>
  close: () => Promise<void>
}

/** The PostgreSQL of the integration tests: real, migrated, and thrown away with everything in it. */
export async function openBenchDatabase(): Promise<BenchDatabase> {
  let facts: PostgresFacts | undefined
  const project = { provide: (_key: 'postgres', provided: PostgresFacts) => void (facts = provided) }
  const closeServer = await setup(project as unknown as TestProject)
  if (facts === undefined) throw new Error('the set-up of the integration tests provided no PostgreSQL')
  const { kind, templates } = facts
  const template = templates[applicationOfProcess()]
  const sql = postgres(urlOf(facts, 'postgres', template), { max: 1, onnotice: () => undefined })
  const [version] = await sql<{ server_version: string }[]>`show server_version`
  return {
    kind,
    url: urlOf(facts, 'app', template),
    serverVersion: version?.server_version ?? 'unknown',
    countRows: () => countRows(sql),
    seed: (userId) => seedRows(sql, userId),
    close: async () => {
      await sql.end({ timeout: 5 })
      await closeServer()
    },
  }
}
