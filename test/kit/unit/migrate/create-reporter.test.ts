import { describe, expect, it } from 'vitest'
import { createReporter } from '../../../../src/kit/migrate/create-reporter.ts'
import type { MigrateEvent } from '../../../../src/kit/migrate/event.ts'

const applied = {
  event: 'file_applied',
  msg: 'applied',
  file: '0001_masts',
  position: 1,
  total: 2,
  attempt: 3,
  ms: 45,
} as const

function written(isReadable: boolean, ...events: MigrateEvent[]): string {
  let text = ''
  const report = createReporter({ isReadable, write: (part) => (text += part) })
  events.forEach(report)
  return text
}

describe('createReporter', () => {
  it('writes one JSON line per event, with time and level first', () => {
    const [line = '', rest] = written(false, applied).split('\n')

    expect(rest).toBe('')
    expect(Object.keys(JSON.parse(line) as object).slice(0, 4)).toEqual(['level', 'time', 'event', 'msg'])
    expect(JSON.parse(line)).toMatchObject({ level: 'info', file: '0001_masts', attempt: 3, ms: 45 })
  })

  it.each([
    ['warning', 'warn'],
    ['lock_retry', 'warn'],
    ['failed', 'error'],
  ] as const)('gives %s the level %s', (event, level) => {
    expect(JSON.parse(written(false, { event, msg: 'x' }))).toMatchObject({ level })
  })

  it('replaces the progress line by the result on a terminal', () => {
    const begin = { event: 'file_begin', msg: 'applying', file: '0001_masts', position: 1, total: 2 } as const

    expect(written(true, begin, applied)).toBe(
      '\r\u001b[K[1/2] 0001_masts ...\r\u001b[K[1/2] 0001_masts applied in 45 ms\n',
    )
  })

  it('keeps a line break in a name inside its JSON line', () => {
    expect(
      written(false, { ...applied, file: 'a\nb' })
        .trimEnd()
        .split('\n'),
    ).toHaveLength(1)
  })
})
