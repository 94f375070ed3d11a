import { describe, expect, it } from 'vitest'
import { isBackupDue, parseSchedule } from '../../../src/backup/schedule/is-backup-due.ts'

const nightly = parseSchedule('15 3 * * *')

const isDue = (now: string, newest?: string, failed?: string): boolean =>
  isBackupDue(nightly, {
    now: new Date(now),
    newest: newest === undefined ? undefined : new Date(newest),
    failed: failed === undefined ? undefined : new Date(failed),
  })

describe('isBackupDue', () => {
  it('is due when there is none yet', () => {
    expect(isDue('2026-11-22T12:00:00Z')).toBe(true)
  })

  it('is due from the minute of the schedule on, once', () => {
    expect(isDue('2026-11-22T03:14:59Z', '2026-11-21T03:15:20Z')).toBe(false)
    expect(isDue('2026-11-22T03:15:30Z', '2026-11-21T03:15:20Z')).toBe(true)
    expect(isDue('2026-11-22T03:16:30Z', '2026-11-22T03:15:31Z')).toBe(false)
  })

  it('makes up for a run that was missed while the machine was off', () => {
    expect(isDue('2026-11-25T09:00:00Z', '2026-11-21T03:15:20Z')).toBe(true)
  })

  it('counts one that was taken by hand', () => {
    expect(isDue('2026-11-22T12:00:00Z', '2026-11-22T11:00:00Z')).toBe(false)
  })

  it('waits ten minutes after a failure', () => {
    expect(isDue('2026-11-22T03:20:00Z', '2026-11-21T03:15:20Z', '2026-11-22T03:15:30Z')).toBe(false)
    expect(isDue('2026-11-22T03:26:00Z', '2026-11-21T03:15:20Z', '2026-11-22T03:15:30Z')).toBe(true)
  })

  it('does not repeat one when the clock goes back, nor wait for a failure in its future', () => {
    expect(isDue('2026-11-22T03:10:00Z', '2026-11-22T03:15:20Z')).toBe(false)
    expect(isDue('2026-11-22T03:16:00Z', '2026-11-21T03:15:20Z', '2026-11-23T00:00:00Z')).toBe(true)
  })

  it('reads the schedule in UTC on every machine', () => {
    expect(parseSchedule('15 3 * * *').nextRun(new Date('2026-11-22T00:00:00Z'))?.toISOString()).toBe(
      '2026-11-22T03:15:00.000Z',
    )
  })

  it('refuses an expression that makes no sense', () => {
    expect(() => parseSchedule('every night')).toThrow()
  })
})
