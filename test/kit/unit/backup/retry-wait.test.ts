import { describe, expect, it } from 'vitest'
import type { JobState } from '../../../../src/kit/backup/jobs/job-state.ts'
import { isHeldBack } from '../../../../src/kit/backup/jobs/retry-wait.ts'

const endedAt = '2026-11-22T04:00:00.000Z'
function state(more: Partial<JobState>): JobState {
  return {
    outcome: 'failed',
    startedAt: '2026-11-22T03:59:00.000Z',
    endedAt,
    failures: 1,
    ...more,
  }
}
function at(minutes: number): Date {
  return new Date(Date.parse(endedAt) + minutes * 60_000)
}

describe('the wait after a failure', () => {
  it.each([
    [1, 2],
    [2, 4],
    [3, 8],
    [4, 16],
    [5, 30],
    [50, 30],
  ])('is after %i failures in a row %i minutes', (failures, minutes) => {
    expect(isHeldBack(state({ failures }), at(minutes - 0.1))).toBe(true)
    expect(isHeldBack(state({ failures }), at(minutes))).toBe(false)
  })

  it('is a minute for one that gave way', () => {
    expect(isHeldBack(state({ outcome: 'yielded', failures: 0 }), at(0.9))).toBe(true)
    expect(isHeldBack(state({ outcome: 'yielded', failures: 0 }), at(1))).toBe(false)
  })

  it('is none after a success, after a stop, and before the first run', () => {
    expect(isHeldBack(state({ outcome: 'ok', failures: 0 }), at(0))).toBe(false)
    expect(isHeldBack(state({ outcome: 'cancelled', failures: 0 }), at(0))).toBe(false)
    expect(isHeldBack(undefined, at(0))).toBe(false)
  })

  it('counts from the start of a run that was killed', () => {
    const killed = state({ outcome: 'running', endedAt: undefined })

    expect(isHeldBack(killed, at(0.9))).toBe(true)
    expect(isHeldBack(killed, at(1))).toBe(false)
  })

  it('does not last until the clock has come back to a failure of its future', () => {
    expect(isHeldBack(state({}), at(-60))).toBe(false)
  })
})
