import { describe, expect, it } from 'vitest'
import { isDueByCron, parseSchedule } from '../../../../src/kit/backup/jobs/cron-due.ts'

const nightly = parseSchedule('15 3 * * *')

function isDue(now: string, doneAt: string[] = [], offsetMs = 0): boolean {
  return isDueByCron(
    { schedule: nightly, offsetMs },
    new Date(now),
    doneAt.map((at) => new Date(at)),
  )
}

describe('isDueByCron', () => {
  it('is due when it was never done', () => {
    expect(isDue('2026-11-22T12:00:00Z')).toBe(true)
  })

  it('is due from the minute of the schedule on, once', () => {
    expect(isDue('2026-11-22T03:14:59Z', ['2026-11-21T03:15:20Z'])).toBe(false)
    expect(isDue('2026-11-22T03:15:30Z', ['2026-11-21T03:15:20Z'])).toBe(true)
    expect(isDue('2026-11-22T03:16:30Z', ['2026-11-21T03:15:20Z', '2026-11-22T03:15:31Z'])).toBe(false)
  })

  it('makes up for many runs that were missed by one', () => {
    const past = ['2026-11-21T03:15:20Z']

    expect(isDue('2026-11-25T09:00:00Z', past)).toBe(true)
    expect(isDue('2026-11-25T09:01:00Z', [...past, '2026-11-25T09:00:00Z'])).toBe(false)
  })

  it('counts one that was taken by hand', () => {
    expect(isDue('2026-11-22T12:00:00Z', ['2026-11-22T11:00:00Z'])).toBe(false)
  })

  it('comes later by the jitter, also around the minute of the schedule', () => {
    const yesterday = ['2026-11-21T03:16:20Z']

    expect(isDue('2026-11-22T03:15:59Z', yesterday, 60_000)).toBe(false)
    expect(isDue('2026-11-22T03:16:00Z', yesterday, 60_000)).toBe(true)
    expect(isDue('2026-11-22T03:16:30Z', [...yesterday, '2026-11-22T03:15:59Z'], 60_000)).toBe(true)
    expect(isDue('2026-11-22T03:16:30Z', [...yesterday, '2026-11-22T03:16:00Z'], 60_000)).toBe(false)
  })

  it('runs neither again nor never when the clock goes back', () => {
    const done = ['2026-11-21T03:15:20Z', '2026-11-22T03:15:20Z']

    expect(isDue('2026-11-22T03:10:00Z', done)).toBe(false)
    expect(isDue('2026-11-22T03:15:10Z', done)).toBe(true)
    expect(isDue('2026-11-22T03:15:20Z', [...done, '2026-11-22T03:15:10Z'])).toBe(false)
  })

  it('is not put off for a year by one that was taken while the clock was a year ahead', () => {
    expect(isDue('2026-11-22T03:16:00Z', ['2026-11-21T03:15:20Z', '2027-11-21T03:15:00Z'])).toBe(true)
  })

  it('reads the schedule in UTC on every machine', () => {
    expect(nightly.nextRun(new Date('2026-11-22T00:00:00Z'))?.toISOString()).toBe('2026-11-22T03:15:00.000Z')
  })

  it('refuses an expression that makes no sense', () => {
    expect(() => parseSchedule('every night')).toThrow()
  })
})
