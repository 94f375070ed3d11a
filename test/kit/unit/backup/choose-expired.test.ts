import { describe, expect, it } from 'vitest'
import {
  chooseExpired,
  type Candidate,
  type KeepCounts,
} from '../../../../src/kit/backup/portable/choose-expired.ts'

const now = new Date('2026-11-22T12:30:00Z')
const none: KeepCounts = { hourly: 0, daily: 0, weekly: 0, monthly: 0 }

function candidate(createdAt: string, more: Partial<Candidate> = {}): Candidate {
  return {
    name: createdAt,
    createdAt: new Date(createdAt),
    reason: 'scheduled',
    isVerified: true,
    isProven: false,
    ...more,
  }
}

function kept(all: Candidate[], keep: Partial<KeepCounts>): string[] {
  const expired = new Set(chooseExpired(all, { ...none, ...keep }, now))
  return all.filter((each) => !expired.has(each)).map(({ name }) => name)
}

function dailyNoons(days: number): Candidate[] {
  return Array.from({ length: days }, (_, day) =>
    candidate(new Date(Date.UTC(2026, 10, 22 - day, 12)).toISOString()),
  )
}

describe('chooseExpired', () => {
  it('keeps the newest of each hour, day, week that starts on a Monday, and month', () => {
    const all = [
      '2026-11-22T12:07:00Z',
      '2026-11-22T11:40:00Z',
      '2026-11-22T11:07:00Z',
      '2026-11-21T23:07:00Z',
      '2026-11-16T00:00:00Z',
      '2026-11-15T23:59:59Z',
      '2026-11-15T12:00:00Z',
      '2026-10-31T12:00:00Z',
      '2026-10-01T12:00:00Z',
    ].map((at) => candidate(at))

    // The three newest stay in any case.
    const newest = ['2026-11-22T12:07:00Z', '2026-11-22T11:40:00Z', '2026-11-22T11:07:00Z']
    expect(kept(all, { hourly: 3 })).toEqual([...newest, '2026-11-21T23:07:00Z'])
    expect(kept(all, { daily: 3 })).toEqual([...newest, '2026-11-21T23:07:00Z', '2026-11-16T00:00:00Z'])
    expect(kept(all, { weekly: 2 })).toEqual([...newest, '2026-11-15T23:59:59Z'])
    expect(kept(all, { monthly: 2 })).toEqual([...newest, '2026-10-31T12:00:00Z'])
  })

  it('keeps the three newest, whatever it is told', () => {
    expect(kept(dailyNoons(5), {})).toEqual([
      '2026-11-22T12:00:00.000Z',
      '2026-11-21T12:00:00.000Z',
      '2026-11-20T12:00:00.000Z',
    ])
  })

  it('counts by what is there and not by age: nothing expires while no new ones come', () => {
    const old = dailyNoons(6).map(({ createdAt }) =>
      candidate(new Date(createdAt.getTime() - 400 * 86_400_000).toISOString()),
    )

    expect(kept(old, { daily: 6 })).toHaveLength(6)
  })

  it('neither counts nor removes what is not verified', () => {
    const all = dailyNoons(8).map((each, day) => ({ ...each, isVerified: day !== 1 }))

    expect(kept(all, { daily: 4 })).toEqual(all.slice(0, 5).map(({ name }) => name))
  })

  it('removes nothing while the newest is not verified', () => {
    const all = dailyNoons(8).map((each, day) => ({ ...each, isVerified: day !== 0 }))

    expect(kept(all, {})).toHaveLength(8)
  })

  it('neither counts nor removes what is dated in the future', () => {
    const future = candidate('2027-11-22T12:00:00Z')
    const all = [future, ...dailyNoons(5)]

    expect(kept(all, {})).toEqual([future, ...all.slice(1, 4)].map(({ name }) => name))
  })

  it('keeps the newest proven one', () => {
    const all = dailyNoons(8).map((each, day) => ({ ...each, isProven: day > 5 }))

    expect(kept(all, {})).toEqual([...all.slice(0, 3), all[6]].map((each) => each?.name))
  })

  it('keeps the last three of each sort that somebody asked for, beside the periods', () => {
    const all = dailyNoons(12).map((each, day) => ({
      ...each,
      reason: day > 4 ? 'before_migration' : day === 4 ? 'before_restore' : 'scheduled',
    }))

    expect(kept(all, {})).toEqual([0, 1, 2, 4, 5, 6, 7].map((day) => all[day]?.name))
  })
})
