import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { drizzle } from 'drizzle-orm/postgres-js'
import * as schema from '../../../../src/kit/db/schema/index.ts'
import type { Job } from '../../../../src/kit/jobs/job.ts'
import { scheduleJobs, type JobSchedule } from '../../../../src/kit/jobs/schedule-jobs.ts'
import { createLogger } from '../../../../src/kit/telemetry/logger.ts'

let counts: string[]
let schedule: JobSchedule | undefined

beforeEach(() => {
  counts = []
  vi.useFakeTimers({ now: new Date('2026-01-01T00:00:30Z') })
})
afterEach(async () => {
  await schedule?.close(0)
  schedule = undefined
  vi.useRealTimers()
})

function start(...jobs: Job[]): JobSchedule {
  schedule = scheduleJobs(jobs, {
    db: drizzle.mock({ schema }),
    withLock: (_lock, work) => work(new AbortController().signal),
    settings: {},
    logger: createLogger({ level: 'silent' }),
    metrics: { register: () => undefined, count: (name, outcome) => counts.push(`${name} ${outcome}`) },
  })
  return schedule
}

function every(minutes: string, run: Job['run'], name = 'tidy'): Job {
  return {
    name,
    schedule: `${minutes} * * * *`,
    run,
  }
}
function ended() {
  return Promise.resolve({})
}
function minutes(count: number) {
  return vi.advanceTimersByTimeAsync(count * 60_000)
}

describe('the schedule of jobs', () => {
  it('runs each job at its minutes in UTC, until it is closed', async () => {
    const { close } = start(every('*/20', ended), every('5', ended, 'other'))

    await minutes(4)
    expect(counts).toEqual([])
    await minutes(20)
    expect(counts).toEqual(['other ok', 'tidy ok'])
    await minutes(40)
    expect(counts).toEqual(['other ok', 'tidy ok', 'tidy ok', 'tidy ok'])

    await close(0)
    await minutes(120)
    expect(counts).toHaveLength(4)
  })

  it('skips a run while the one before has not ended', async () => {
    const first = Promise.withResolvers<Record<string, unknown>>()
    start({ ...every('*', () => first.promise), deadlineMs: 600_000 })

    await minutes(2)
    expect(counts).toEqual(['tidy skipped'])

    first.resolve({})
    await minutes(1)
    expect(counts).toEqual(['tidy skipped', 'tidy ok', 'tidy ok'])
  })

  it('that is closed waits for a run that ends in time', async () => {
    const run = Promise.withResolvers<Record<string, unknown>>()
    const { close } = start(every('*', () => run.promise))
    await minutes(1)

    const closing = close(10_000)
    setTimeout(() => run.resolve({}), 1_000)
    await vi.advanceTimersByTimeAsync(9_000)
    await closing

    expect(counts).toEqual(['tidy ok'])
  })

  it('that is closed aborts a run that does not', async () => {
    const { close } = start(every('*', () => new Promise(() => undefined)))
    await minutes(1)

    const closing = close(10_000)
    await vi.advanceTimersByTimeAsync(9_999)
    expect(counts).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await closing

    expect(counts).toEqual(['tidy cancelled'])
  })

  it('is refused with two jobs of one name, and with a time that is no cron expression', () => {
    expect(() => start(every('1', ended), every('2', ended))).toThrow('two jobs are named tidy')
    expect(() => start(every('61', ended))).toThrow(/61/)
  })
})
