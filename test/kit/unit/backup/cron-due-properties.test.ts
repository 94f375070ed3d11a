import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDueByCron, parseSchedule } from '../../../../src/kit/backup/jobs/cron-due.ts'

const minuteMs = 60_000
const epochMs = Date.UTC(2026, 10, 22)
const expressions = [
  '7 * * * *',
  '15 3 * * *',
  '0 4 * * 1',
  '*/20 * * * *',
  '0 0 1 * *',
  '30 2 * * 1-6',
] as const

const cron = fc.record({
  schedule: fc.constantFrom(...expressions).map(parseSchedule),
  offsetMs: fc.integer({ min: 0, max: 3_600_000 }),
})

/** How far the clock has moved at the next look: a minute mostly, else downtime or a correction. */
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 100_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: -100_000, max: 0 }) },
  ),
  { maxLength: 60 },
)

describe('isDueByCron, for any clock', () => {
  it('is not due again at the moment it was done', () => {
    fc.assert(
      fc.property(cron, fc.integer({ min: 0, max: 500_000 }), (due, minutes) => {
        const now = new Date(epochMs + minutes * minuteMs)

        expect(isDueByCron(due, now, [now])).toBe(false)
      }),
    )
  })

  it('runs at most once for each look back in time and each time the schedule comes round, however long the gap', () => {
    fc.assert(
      fc.property(cron, steps, (due, moves) => {
        const done: Date[] = []
        let nowMs = epochMs
        let allowed = 1
        for (const minutes of moves) {
          const from = nowMs
          nowMs += minutes * minuteMs
          const next = due.schedule.nextRun(new Date(from - due.offsetMs - 1))
          const hasComeRound = next !== null && next.getTime() + due.offsetMs <= nowMs
          if (minutes < 0 || hasComeRound) allowed += 1
          if (isDueByCron(due, new Date(nowMs), done)) done.push(new Date(nowMs))
        }

        expect(done.length).toBeLessThanOrEqual(allowed)
      }),
    )
  })

  it('skips nothing: at any look something was done since the schedule last came round', () => {
    fc.assert(
      fc.property(cron, steps, (due, moves) => {
        const done: Date[] = []
        let nowMs = epochMs
        for (const minutes of moves) {
          nowMs += minutes * minuteMs
          if (isDueByCron(due, new Date(nowMs), done)) done.push(new Date(nowMs))

          const [last] = due.schedule.previousRuns(1, new Date(nowMs - due.offsetMs))
          const since = (last?.getTime() ?? 0) + due.offsetMs
          expect(done.some((at) => at.getTime() >= since && at.getTime() <= nowMs)).toBe(true)
        }
      }),
    )
  })
})
