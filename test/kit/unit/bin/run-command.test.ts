import { describe, expect, it } from 'vitest'
import { verbs } from '../../../../src/kit/bin/backup/verbs.ts'
import { defineVerb, wholeNumber } from '../../../../src/kit/bin/process/define-verb.ts'
import { parseCommand, type Command } from '../../../../src/kit/bin/process/run-command.ts'

const seen: unknown[] = []

const list = defineVerb({
  usage: ['list [--json]'],
  options: { json: { type: 'boolean', default: false } },
  run: (context: string, given) => {
    seen.push([context, given.values.json, given.names])
    return Promise.resolve()
  },
})

const verify = defineVerb({
  usage: ['verify [NAME]', 'verify --all'],
  options: { all: { type: 'boolean', default: false } },
  names: 1,
  run: (context: string, given) => {
    seen.push([context, given.names])
    return Promise.resolve('pending' as const)
  },
})

const command: Command<string> = { name: 'ship', verbs: { list, verify }, open: () => 'context' }

async function run(from: Command<string>, args: string[]): Promise<unknown> {
  seen.length = 0
  const parsed = parseCommand(from, args)
  expect(parsed).toBeTypeOf('function')
  if (typeof parsed !== 'string') await parsed('context')
  return seen[0]
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
    [
      ['verify', '--', '--help'],
      ['context', ['--help']],
    ],
    [['verify'], ['context', []]],
  ])('runs %j with its arguments', async (args, expected) => {
    expect(await run(command, args)).toEqual(expected)
  })

  it('runs the verb of a command that has one alone, and the fallback where none is named', async () => {
    const alone: Command<string> = { name: 'list', verb: list, open: () => 'context' }

    expect(await run(alone, ['--json'])).toEqual(['context', true, []])
    expect(await run({ ...command, fallback: 'list' }, ['--json'])).toEqual(['context', true, []])
    expect(await run({ ...command, fallback: 'list' }, [])).toEqual(['context', false, []])
  })

  it.each([
    [[], 'expected a verb (got none)', 'ship list [--json]\n       ship verify [NAME]'],
    [['destroy'], 'expected a verb (got destroy)', 'ship list [--json]\n       ship verify [NAME]'],
    [['toString'], 'expected a verb (got toString)', 'ship list [--json]\n       ship verify [NAME]'],
    [['--all'], 'expected a verb (got --all)', 'ship list [--json]\n       ship verify [NAME]'],
    [['list', 'x'], 'too many arguments (got x)', 'ship list [--json]\nexit codes'],
    [['list', '--jsno'], `Unknown option '--jsno'`, 'ship list [--json]\nexit codes'],
    [['list', '--all'], `Unknown option '--all'`, 'ship list [--json]\nexit codes'],
    [
      ['verify', 'a', 'b'],
      'too many arguments (got b)',
      'ship verify [NAME]\n       ship verify --all\nexit codes',
    ],
  ])('refuses %j, with the usage as its hint', (args, sentence, usage) => {
    expect(() => parseCommand(command, args)).toThrow(
      expect.objectContaining({
        exit: 'usage',
        publicMessage: sentence,
        hint: expect.stringContaining(`usage: ${usage}`) as string,
      }) as Error,
    )
  })

  it.each([[['--help']], [['-h']], [['help']]])('answers %j with the usage of all verbs', (args) => {
    expect(parseCommand({ ...command, notes: ['more'] }, args)).toBe(
      [
        'usage: ship list [--json]',
        '       ship verify [NAME]',
        '       ship verify --all',
        'more',
        'exit codes: docs/reference/exit-codes.md',
      ].join('\n'),
    )
  })

  it('answers --help of a verb with the usage of that verb, whatever else is missing', () => {
    expect(parseCommand(command, ['list', '--help', 'x'])).toBe(
      'usage: ship list [--json]\nexit codes: docs/reference/exit-codes.md',
    )
  })
})

describe('wholeNumber', () => {
  it('gives the number', () => {
    expect([wholeNumber('rows', '1', 1, 9), wholeNumber('rows', '9', 1, 9)]).toEqual([1, 9])
  })

  it.each(['0', '10', '', '1.5', '1e0', ' 1', '-1'])(`refuses '%s'`, (text) => {
    expect(() => wholeNumber('rows', text, 1, 9)).toThrow(
      `--rows: expected a whole number from 1 to 9 (got '${text}')`,
    )
  })
})

describe('the verbs of backup', () => {
  it('stand in the usage under their own names', () => {
    for (const [name, { usage }] of Object.entries(verbs)) {
      for (const line of usage) expect(line.split(' ')[0]).toBe(name)
    }
  })

  it.each([[[]], [['--from', '']]])('restore refuses %j', (args: string[]) => {
    expect(() => verbs['restore']?.prepare(args)).toThrow('restore needs to know what from')
  })
})
