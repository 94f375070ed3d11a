import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { explainFault } from '../../../../src/kit/backup/explain-fault.ts'
import { abortOnSignal } from '../../../../src/kit/bin/process/abort-on-signal.ts'
import { exitCodes, exitOf } from '../../../../src/kit/errors.ts'

describe('abortOnSignal', () => {
  let press: Partial<Record<string | symbol, () => void>>
  let ends: unknown[]

  beforeEach(() => {
    press = {}
    ends = []
    vi.useFakeTimers()
    vi.spyOn(process, 'on').mockImplementation((name, listener) => {
      press[name] = listener as () => void
      return process
    })
    vi.spyOn(process, 'exit').mockImplementation((code) => ends.push(code) as never)
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it.each([
    ['SIGTERM', 'terminated', 143],
    ['SIGINT', 'interrupted', 130],
  ])('%s aborts with an error of exit %s', (name, exit, code) => {
    const signal = abortOnSignal()

    press[name]?.()

    expect(signal.aborted).toBe(true)
    expect([exitOf(signal.reason), exitCodes[exitOf(signal.reason)]]).toEqual([exit, code])
    expect(ends).toEqual([])
  })

  it('takes the two signals of one Ctrl-C under npm for one, and ends at once by a later one', () => {
    abortOnSignal()

    press['SIGINT']?.()
    press['SIGINT']?.()
    vi.advanceTimersByTime(999)
    press['SIGINT']?.()
    expect(ends).toEqual([])

    vi.advanceTimersByTime(2)
    press['SIGINT']?.()
    expect(ends).toEqual([130])
  })

  it('ends by itself after the grace, and never without one', () => {
    abortOnSignal()
    press['SIGTERM']?.()
    vi.advanceTimersByTime(3_600_000)
    expect(ends).toEqual([])

    abortOnSignal(3_500)
    press['SIGTERM']?.()
    vi.advanceTimersByTime(3_499)
    expect(ends).toEqual([])
    vi.advanceTimersByTime(1)
    expect(ends).toEqual([143])
  })

  it('by SIGINT ends a command of backups as by SIGTERM, with 143', () => {
    const signal = abortOnSignal()

    press['SIGINT']?.()

    expect(explainFault(signal.reason)).toMatchObject({ exit: 'terminated' })
  })
})
