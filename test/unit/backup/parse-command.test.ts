import { describe, expect, it } from 'vitest'
import { parseCommand } from '../../../src/backup/parse-command.ts'

describe('parseCommand', () => {
  it.each([
    [['create'], { verb: 'create' }],
    [['schedule'], { verb: 'schedule' }],
    [['list', '--json'], { verb: 'list', isJson: true }],
    [['verify'], { verb: 'verify', from: 'latest' }],
    [['verify', 'x'], { verb: 'verify', from: 'x' }],
    [
      ['restore', '--from', 'x', '--dry-run'],
      { verb: 'restore', from: 'x', isDryRun: true, isOtherDatabaseAllowed: false, isOlderDropped: false },
    ],
  ])('reads %j', (args, expected) => {
    expect(parseCommand(args)).toEqual(expected)
  })

  it.each([
    [[], 'expected a command (got none)'],
    [['destroy'], 'expected a command (got destroy)'],
    [['restore'], 'restore needs to know what from'],
    [['restore', '--from', ''], 'restore needs to know what from'],
    [['restore', 'x'], `'restore' takes no such argument (got x)`],
    [['create', 'x'], `'create' takes no such argument (got x)`],
    [['list', '--jsno'], `Unknown option '--jsno'`],
    [['verify', 'a', 'b'], 'too many arguments (got b)'],
  ])('refuses %j', (args, sentence) => {
    expect(() => parseCommand(args)).toThrow(sentence)
  })

  it('shows the usage as its hint', () => {
    expect(() => parseCommand([])).toThrow(
      expect.objectContaining({
        fault: 'usage',
        hint: expect.stringContaining('backup restore --from') as string,
      }) as Error,
    )
  })
})
