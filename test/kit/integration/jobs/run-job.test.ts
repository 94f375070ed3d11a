import { once } from 'node:events'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import type { Job } from '../../../../src/kit/jobs/job.ts'
import { runJob } from '../../../../src/kit/jobs/run-job.ts'
import { createLogger } from '../../../../src/kit/telemetry/logger.ts'
import { createMetrics, type Metrics } from '../../../../src/kit/telemetry/metrics.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

let testDatabase: TestDatabase
let database: DatabaseHandle
let metrics: Metrics
let lines: Record<string, unknown>[]

beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = openDatabase({ ...poolSettings, url: testDatabase.urlFor('app'), applicationName: 'jobs-test' })
})
beforeEach(() => {
  metrics = createMetrics({ version: '', revision: '' })
  lines = []
})
afterAll(async () => {
  await database.close()
  await testDatabase.close()
})

const logger = createLogger({
  level: 'debug',
  destination: new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>)
      done()
    },
  }),
})

/** A job that begins, tells so, and ends when it is told to. */
function openJob(name: string) {
  const began = Promise.withResolvers<AbortSignal>()
  const end = Promise.withResolvers<Record<string, unknown>>()
  const run: Job['run'] = ({ signal }) => {
    began.resolve(signal)
    return end.promise
  }
  return { job: { name, schedule: '0 * * * *', run } satisfies Job, began: began.promise, end: end.resolve }
}

function run(job: Job, signal = new AbortController().signal): Promise<void> {
  const { db, withLock } = database
  return runJob(job, {
    db,
    withLock,
    settings: { APP_X: 1 },
    logger,
    metrics: metrics.jobs,
    signal,
    minHoldMs: 0,
  })
}

async function countOf(job: string, outcome: string): Promise<string | undefined> {
  return new RegExp(`^job_runs_total{job_name="${job}",outcome="${outcome}"} (\\d+)$`, 'm').exec(
    await metrics.render(),
  )?.[1]
}

async function isLocked(name: string): Promise<boolean> {
  return (
    (await database.withLock({ name: `job ${name}`, maxHoldMs: 1_000 }, () => Promise.resolve(true))) !== true
  )
}

describe('a run of a job', () => {
  it('gets the database and the settings, and its fields go into one log line', async () => {
    await run({
      name: 'count',
      schedule: '0 * * * *',
      run: async ({ db, settings }) => ({ rows: (await db.execute('select 1')).length, settings }),
    })

    expect(lines).toMatchObject([
      { level: 'info', msg: 'job done', job: 'count', rows: 1, settings: { APP_X: 1 } },
    ])
    expect(lines[0]?.['duration_ms']).toEqual(expect.any(Number))
    expect(await countOf('count', 'ok')).toBe('1')
    expect(await metrics.render()).toMatch(/^job_last_success_timestamp_seconds{job_name="count"} 1/m)
    expect(await metrics.render()).toContain('job_duration_seconds_count{job_name="count"} 1')
    expect(await isLocked('count')).toBe(false)
  })

  it('that fails is logged once as an error, is counted and frees the lock', async () => {
    await run({ name: 'broken', schedule: '0 * * * *', run: () => Promise.reject(new Error('no paper')) })

    expect(lines).toMatchObject([
      { level: 'error', msg: 'job failed', job: 'broken', err: { message: 'no paper' } },
    ])
    expect(await countOf('broken', 'failed')).toBe('1')
    expect(await metrics.render()).not.toContain('job_last_success_timestamp_seconds{')
    expect(await isLocked('broken')).toBe(false)
  })

  it('is skipped without a wait while another session runs it', async () => {
    const { job, began, end } = openJob('alone')
    const first = run(job)
    await began

    await run(job)

    expect(lines).toMatchObject([{ level: 'debug', msg: 'job skipped', reason: 'another replica runs it' }])
    expect(await countOf('alone', 'skipped')).toBe('1')
    end({})
    await first
    expect(await countOf('alone', 'ok')).toBe('1')
  })

  it('is aborted and has failed at its deadline, also when it does not look at its signal', async () => {
    const { job, began } = openJob('slow')

    await run({ ...job, deadlineMs: 50 })

    expect((await began).aborted).toBe(true)
    expect(lines).toMatchObject([{ level: 'error', err: { message: 'the job took longer than 50 ms' } }])
    expect(await isLocked('slow')).toBe(false)
  })

  it('is aborted and has failed when the connection of its lock is lost, and another session may begin', async () => {
    const { job, began, end } = openJob('cut')
    const running = run(job)
    const signal = await began

    const aborted = once(signal, 'abort')
    await database.sql`
      select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = ${0x736c696a}`
    await aborted
    await running

    expect(lines).toMatchObject([{ level: 'error', msg: 'job failed', job: 'cut' }])
    expect(await isLocked('cut')).toBe(false)
    end({})
  })

  it('that is aborted by a shutdown is cancelled, and not failed', async () => {
    const { job, began } = openJob('stopped')
    const stop = new AbortController()
    const running = run(job, stop.signal)
    await began

    stop.abort(new Error('shutting down'))
    await running

    expect(lines).toMatchObject([{ level: 'warn', msg: 'job cancelled' }])
    expect(await countOf('stopped', 'cancelled')).toBe('1')
    expect(await countOf('stopped', 'failed')).toBeUndefined()
  })
})

it('a lock › is ended by the server when its client goes silent for too long', async () => {
  const silent = database.withLock({ name: 'silent', maxHoldMs: 100 }, (lost) => once(lost, 'abort'))

  await expect(silent).rejects.toThrow(/idle-in-transaction|CONNECTION_CLOSED/)

  expect(await database.withLock({ name: 'silent', maxHoldMs: 100 }, () => Promise.resolve('free'))).toBe(
    'free',
  )
})
