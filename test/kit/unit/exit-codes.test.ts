import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CommandError, exitCodes } from '../../../src/kit/errors.ts'

describe('docs/reference/exit-codes.md', () => {
  it('lists every code of the table in the code by number and name, and no other', () => {
    const document = readFileSync('docs/reference/exit-codes.md', 'utf8')

    const rows = [...document.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, code, name]) => [
      name,
      Number(code),
    ])

    expect(rows).toEqual(Object.entries(exitCodes))
  })
})

describe('a command error', () => {
  it.each([
    ['busy', 'unavailable'],
    ['unreachable', 'unavailable'],
    ['lock_lost', 'unavailable'],
    ['failed', 'internal'],
  ] as const)('with exit %s is of kind %s', (exit, kind) => {
    const err = new CommandError(exit, 'a sentence', { hint: 'a hint', fields: { file: '0001_masts' } })

    expect(err).toMatchObject({ exit, kind, hint: 'a hint', fields: { file: '0001_masts' } })
  })
})
