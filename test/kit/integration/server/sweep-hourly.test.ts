import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sweepHourly } from '../../../../src/kit/bin/sweep-hourly.ts'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { createLogger } from '../../../../src/kit/telemetry/logger.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'

describe('sweepHourly', () => {
  let testDatabase: TestDatabase
  let database: DatabaseHandle

  beforeEach(async () => {
    testDatabase = await createTestDatabase()
    database = openDatabase({ url: testDatabase.urlFor('app'), applicationName: 'sweep-test' })
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  })

  afterEach(async () => {
    vi.useRealTimers()
    await database.close()
    await testDatabase.close()
  })

  const addExpired = (id: string) => database.sql`
    INSERT INTO verification (id, identifier, value, expires_at) VALUES (${id}, ${id}, 'x', now() - interval '1 minute')`

  const left = async () => (await database.sql`SELECT id FROM verification`).map(({ id }) => id as string)

  it('deletes what has expired, once an hour, until it is stopped', async () => {
    const stop = sweepHourly(database.db, createLogger({ level: 'silent', service: 'test' }))
    await addExpired('first')

    vi.advanceTimersByTime(3_599_000)
    expect(await left()).toEqual(['first'])
    vi.advanceTimersByTime(1_000)
    await until('the sweep', async () => (await left()).length === 0)

    stop()
    await addExpired('second')
    vi.advanceTimersByTime(7_200_000)
    expect(await left()).toEqual(['second'])
  })
})
