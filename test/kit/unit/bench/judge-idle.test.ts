import { expect, it } from 'vitest'
import { judgeIdle } from '../../../../bench/idle/judge-idle.ts'
import { machine } from '../../../../bench/idle/processor-time-of-stack.ts'

const before = new Map([
  ['api', 10],
  ['engine', 50],
  [machine, 900],
])

it('adds up what the stack used as a share of one core, and leaves out the rest of the machine', () => {
  const after = new Map([
    ['api', 11],
    ['engine', 52],
    [machine, 1_050],
  ])

  const { isWithin, lines } = judgeIdle(before, after, 90)

  expect(isWithin).toBe(true)
  expect(lines).toEqual([
    'the idle stack, per cent of one core, limit 4: 3.33, within',
    '   2.22 %  engine',
    '   1.11 %  api',
    'beside it, with all that other programs used: 166.67 %  the whole machine',
  ])
})

it.each([
  ['used more', 54],
  ['could not be read', Number.NaN],
])('is above the limit when a part %s', (_what, engine) => {
  const after = new Map([
    ['api', 11],
    ['engine', engine],
    [machine, 1_000],
  ])

  expect(judgeIdle(before, after, 90).isWithin).toBe(false)
})
