import { describe, expect, it } from 'vitest'
import { defineVerb, parseCommand, usageOf } from '../../../../src/kit/bin/parse-command.ts'
import { verbs } from '../../../../src/kit/bin/backup/verbs.ts'

const seen: unknown[] = []

const table = {
  list: defineVerb({
    usage: ['list [--json]'],
    options: { json: { type: 'boolean', default: false } },
    run: (context: string, given) => {
      seen.push([context, given.values.json, given.names])
      return Promise.resolve()
    },
  }),
  verify: defineVerb({
    usage: ['verify [NAME]', 'verify --all'],
    options: { all: { type: 'boolean', default: false } },
    names: 1,
    run: (context: string, given) => {
      seen.push([context, given.names])
      return Promise.resolve()
    },
  }),
}

describe('parseCommand', () => {
  it.each([
    [
      ['list', '--json'],
      ['context', true, []],
    ],
    [['list'], ['context', false, []]],
    [
      ['verify', 'a name'],
      ['context', ['a name']],
    ],
    [['verify'], ['context', []]],
  ])('runs %j with what it was given', async (args, expected) => {
    seen.length = 0

    await parseCommand(table, args)('context')

    expect(seen).toEqual([expected])
  })

  it.each([
    [[], 'expected a command (got none)'],
    [['destroy'], 'expected a command (got destroy)'],
    [['toString'], 'expected a command (got toString)'],
    [['list', 'x'], 'too many arguments (got x)'],
    [['list', '--jsno'], `Unknown option '--jsno'`],
    [['list', '--all'], `Unknown option '--all'`],
    [['verify', 'a', 'b'], 'too many arguments (got b)'],
  ])('refuses %j, with the usage as its hint', (args, sentence) => {
    expect(() => parseCommand(table, args)).toThrow(
      expect.objectContaining({
        exit: 'usage',
        publicMessage: expect.stringContaining(sentence) as string,
        hint: usageOf(table),
      }) as Error,
    )
  })

  it('prints one line of usage per form', () => {
    expect(usageOf(table)).toBe(
      ['usage: backup list [--json]', '       backup verify [NAME]', '       backup verify --all'].join('\n'),
    )
  })
})

describe('verbs', () => {
  it('stand in the usage under their own names', () => {
    for (const [name, { usage }] of Object.entries(verbs)) {
      for (const line of usage) expect(line.split(' ')[0]).toBe(name)
    }
  })

  it.each([[['restore']], [['restore', '--from', '']]])(
    'refuse what makes no sense together: %j',
    (args: string[]) => {
      expect(() => parseCommand(verbs, args)).toThrow('restore needs to know what from')
    },
  )
})
