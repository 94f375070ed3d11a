import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { usedTables } from '../../../../src/kit/db/app-privileges.ts'
import * as kitTables from '../../../../src/kit/db/schema/index.ts'
import * as fixtureTables from '../../fixture/schema.ts'
import { urlOf } from '../../support/postgres-facts.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'

let database: TestDatabase
let admin: postgres.Sql

beforeAll(async () => {
  database = await createTestDatabase()
  admin = postgres(urlOf(inject('postgres'), 'postgres', 'postgres'), { max: 1 })
})

afterAll(async () => {
  await admin.end({ timeout: 5 })
  await database.close()
})

describe('a test database', () => {
  it('has the owner and the grants of the template, which CREATE DATABASE does not copy', async () => {
    const { templates } = inject('postgres')
    const rows = await admin<{ owner: string; acl: string }[]>`
      select distinct pg_get_userbyid(datdba) as owner, datacl::text as acl
      from pg_database where datname in (${templates.fixture}, ${database.name})`

    expect(rows).toHaveLength(1)
    expect(rows[0]?.owner).toBe('owner')
    expect(rows[0]?.acl).toContain('app=c/owner')
  })

  it('of the fixture has the columns of its schema; else: npx drizzle-kit generate --config=test/kit/fixture/drizzle.config.ts', async () => {
    const own = postgres(database.urlFor('postgres'), { max: 1 })
    onTestFinished(() => own.end({ timeout: 1 }))
    const rows = await own<{ table: string; columns: string[] }[]>`
      select table_name as table, array_agg(column_name::text order by column_name::text collate "C") as columns
      from information_schema.columns where table_schema = 'public' group by 1 order by 1`

    const wanted = usedTables({ ...kitTables, ...fixtureTables }).map(({ name, columns }) => ({
      table: name,
      columns: columns.toSorted(),
    }))

    expect(rows).toEqual(wanted.toSorted((one, other) => (one.table < other.table ? -1 : 1)))
  })

  it('is gone after close, with a client still connected', async () => {
    const other = await createTestDatabase()
    const client = postgres(other.urlFor('app'), { max: 1, onnotice: () => undefined })
    await client`select 1`

    await other.close()

    const rows = await admin`select 1 from pg_database where datname = ${other.name}`
    expect(rows).toHaveLength(0)
    await client.end({ timeout: 1 })
  })
})
