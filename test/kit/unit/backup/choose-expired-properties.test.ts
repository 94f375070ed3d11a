import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chooseExpired,
  type Candidate,
  type KeepCounts,
} from '../../../../src/kit/backup/portable/choose-expired.ts'

const hourMs = 3_600_000
const epochMs = Date.UTC(2026, 10, 22)

/** Around one point in time, a year to either side, dense enough for several to share an hour. */
const instant = fc.oneof(
  fc.integer({ min: -48 * 60, max: 48 * 60 }).map((minutes) => new Date(epochMs + minutes * 60_000)),
  fc.integer({ min: -365 * 24, max: 365 * 24 }).map((hours) => new Date(epochMs + hours * hourMs)),
)

const count = fc.integer({ min: 0, max: 8 })
const keepCounts: fc.Arbitrary<KeepCounts> = fc.record({
  hourly: count,
  daily: count,
  weekly: count,
  monthly: count,
})

const reasons = ['scheduled', 'scheduled', 'manual', 'before_migration', 'before_restore'] as const

const history: fc.Arbitrary<Candidate[]> = fc
  .array(
    fc.record({
      createdAt: instant,
      reason: fc.constantFrom(...reasons),
      isVerified: fc.constantFrom(true, true, true, false),
      isProven: fc.boolean(),
    }),
    { maxLength: 60 },
  )
  .map((all) => all.map((each, index) => ({ ...each, name: String(index).padStart(3, '0') })))

function newest(all: Candidate[]): Candidate | undefined {
  return all.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0]
}

function split(all: Candidate[], keep: KeepCounts, now: Date) {
  const expired = new Set(chooseExpired(all, keep, now))
  const countable = all.filter(({ isVerified, createdAt }) => isVerified && createdAt <= now)
  return { expired: [...expired], kept: all.filter((each) => !expired.has(each)), countable }
}

function holds(check: (all: Candidate[], keep: KeepCounts, now: Date) => void): void {
  fc.assert(fc.property(history, keepCounts, instant, check), { numRuns: 1_000 })
}

describe('chooseExpired, for any history and any clock', () => {
  it('removes nothing but verified backups of the past', () =>
    holds((all, keep, now) => {
      const { expired, countable } = split(all, keep, now)

      expect(expired.every((each) => countable.includes(each))).toBe(true)
    }))

  it('never leaves fewer than three verified ones, where there were three', () =>
    holds((all, keep, now) => {
      const { kept, countable } = split(all, keep, now)

      const left = kept.filter((each) => countable.includes(each))
      expect(left.length).toBeGreaterThanOrEqual(Math.min(3, countable.length))
    }))

  it('never removes the newest verified one, nor the newest proven one', () =>
    holds((all, keep, now) => {
      const { expired, countable } = split(all, keep, now)

      const newestTimes = [newest(countable), newest(countable.filter(({ isProven }) => isProven))]
      for (const each of newestTimes) {
        const ofThatTime = countable.filter(
          ({ createdAt, isProven }) =>
            createdAt.getTime() === each?.createdAt.getTime() && isProven === each.isProven,
        )
        expect(ofThatTime.some((one) => !expired.includes(one)) || ofThatTime.length === 0).toBe(true)
      }
    }))

  it('removes nothing while the newest of the past is not verified', () =>
    holds((all, keep, now) => {
      const past = all.filter(({ createdAt }) => createdAt <= now)
      const atTheEnd = past.filter(
        ({ createdAt }) => createdAt.getTime() === newest(past)?.createdAt.getTime(),
      )
      fc.pre(atTheEnd.every(({ isVerified }) => !isVerified))

      expect(split(all, keep, now).expired).toEqual([])
    }))

  it('leaves what it left: a second look removes nothing', () =>
    holds((all, keep, now) => {
      expect(split(split(all, keep, now).kept, keep, now).expired).toEqual([])
    }))

  it('goes by the times alone, in whatever order they are listed', () =>
    holds((all, keep, now) => {
      const names = (list: Candidate[]): string[] =>
        split(list, keep, now)
          .expired.map(({ name }) => name)
          .sort()

      expect(names(all.toReversed())).toEqual(names(all))
    }))

  it('keeps one of each of the newest days, as many as it was told', () =>
    holds((all, keep, now) => {
      const { kept, countable } = split(all, keep, now)
      const days = (list: Candidate[]): string[] => [
        ...new Set(list.map(({ createdAt }) => createdAt.toISOString().slice(0, 10))),
      ]

      const newestDays = days(countable).toSorted().toReversed().slice(0, keep.daily)
      expect(days(kept)).toEqual(expect.arrayContaining(newestDays))
    }))

  it('keeps a new one, and three in all, through any row of clock steps, failures and damage', () => {
    const event = fc.record({
      stepMinutes: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: -40_000, max: 40_000 })),
      happens: fc.constantFrom('backup', 'backup', 'backup', 'failure', 'damage', 'proof'),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), keepCounts, (events, keep) => {
        let stored: Candidate[] = []
        let nowMs = epochMs
        for (const [index, { stepMinutes, happens }] of events.entries()) {
          nowMs += stepMinutes * 60_000
          const last = stored.at(-1)
          if (happens === 'damage' && last !== undefined) last.isVerified = false
          if (happens === 'proof' && last?.isVerified === true) last.isProven = true
          if (happens !== 'backup') continue
          const made: Candidate = {
            name: String(index).padStart(3, '0'),
            createdAt: new Date(nowMs),
            reason: 'scheduled',
            isVerified: true,
            isProven: false,
          }
          const before = [...stored, made]
          stored = split(before, keep, new Date(nowMs)).kept

          expect(stored).toContain(made)
          expect(stored.filter(({ isVerified }) => isVerified).length).toBeGreaterThanOrEqual(
            Math.min(3, before.filter(({ isVerified }) => isVerified).length),
          )
        }
      }),
      { numRuns: 300 },
    )
  })
})
