import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
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
    const { templateDatabase } = inject('postgres')
    const rows = await admin<{ owner: string; acl: string }[]>`
      select distinct pg_get_userbyid(datdba) as owner, datacl::text as acl
      from pg_database where datname in (${templateDatabase}, ${database.name})`

    expect(rows).toHaveLength(1)
    expect(rows[0]?.owner).toBe('owner')
    expect(rows[0]?.acl).toContain('app=c/owner')
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
