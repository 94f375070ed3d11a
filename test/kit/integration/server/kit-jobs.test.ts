import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Application } from '../../../../src/kit/application.ts'
import { kitJobs } from '../../../../src/kit/bin/kit-jobs.ts'
import { loadServer, startServer } from '../../../../src/kit/bin/start-server.ts'
import type { SettingTable } from '../../../../src/kit/config/app-settings.ts'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { runJob } from '../../../../src/kit/jobs/run-job.ts'
import { createLogger } from '../../../../src/kit/telemetry/logger.ts'
import { createMetrics } from '../../../../src/kit/telemetry/metrics.ts'
import { serverEnv } from '../../support/spawn-server.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

let testDatabase: TestDatabase
let database: DatabaseHandle
const logger = createLogger({ level: 'silent' })

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ ...poolSettings, url: testDatabase.urlFor('app') })
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

it('the jobs of the kit › delete what has expired and nothing else', async () => {
  const { sql, db, withLock } = database
  for (const [id, age] of [
    ['gone', '25 hours'],
    ['kept', '-1 hours'],
  ] as const) {
    await sql`INSERT INTO verification (id, identifier, value, expires_at) VALUES (${id}, ${id}, 'x', now() - ${age}::interval)`
    await sql`INSERT INTO "user" (id, name, email) VALUES (${id}, ${id}, ${`${id}@example.com`})`
    await sql`INSERT INTO idempotency_keys (user_id, key, request_hash, response, created_at)
      VALUES (${id}, 'key', 'hash', '{}', now() - ${age}::interval)`
  }
  const metrics = createMetrics({ version: '', revision: '' })
  const { signal } = new AbortController()

  for (const job of kitJobs)
    await runJob(job, { db, withLock, settings: {}, logger, metrics: metrics.jobs, signal, minHoldMs: 0 })

  expect(await sql`SELECT id FROM verification`).toEqual([{ id: 'kept' }])
  expect(await sql`SELECT user_id FROM idempotency_keys`).toEqual([{ user_id: 'kept' }])
})

describe('an application with a setting and a job', () => {
  const settings = {
    APP_GREETING: { type: 'text', help: 'Said first.', default: 'hello' },
  } as const satisfies SettingTable

  const application: Application<typeof settings> = {
    document: { title: 'Small', tags: [] },
    settings,
    jobs: [
      {
        name: 'greet',
        schedule: '0 0 * * *',
        run: ({ settings: { APP_GREETING } }) => Promise.resolve({ APP_GREETING }),
      },
    ],
    mount: (router, { appSettings }) => router.get('/api/greeting', (c) => c.text(appSettings.APP_GREETING)),
    seed: () => Promise.resolve(),
  }

  const start = async (env: Record<string, string>) =>
    startServer(
      await loadServer({ ...serverEnv(testDatabase.urlFor('app')), ...env }, { application, usedTables: [] }),
      logger,
    )

  const read = async (url: string): Promise<string> => (await fetch(url)).text()

  it('gets the parsed value in its routes, and its job is scheduled with those of the kit', async () => {
    const { httpPort, metricsPort, close } = await start({ APP_GREETING: 'good morning' })

    const answer = await read(`http://127.0.0.1:${httpPort}/api/greeting`)
    const series = await read(`http://127.0.0.1:${metricsPort}/metrics`)
    await close()

    expect(answer).toBe('good morning')
    for (const name of ['greet', ...kitJobs.map((job) => job.name)])
      expect(series).toContain(`job_runs_total{job_name="${name}",outcome="ok"} 0`)
  })

  it('runs no jobs with SCHEDULED_JOBS=off', async () => {
    const { metricsPort, close } = await start({ SCHEDULED_JOBS: 'off' })

    const series = await read(`http://127.0.0.1:${metricsPort}/metrics`)
    await close()

    expect(series).toContain('# TYPE job_runs_total counter')
    expect(series).not.toContain('job_runs_total{')
  })

  it('refuses a variable that begins with APP_ and is no setting', async () => {
    await expect(start({ APP_GREETINGS: 'x' })).rejects.toThrow(
      /APP_GREETINGS: unknown setting\n {2}hint: did you mean APP_GREETING\?/,
    )
  })
})
