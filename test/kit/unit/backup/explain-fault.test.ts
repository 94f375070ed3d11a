import { describe, expect, it } from 'vitest'
import { CommandError, exitCodes } from '../../../../src/kit/errors.ts'
import { explainFault } from '../../../../src/kit/backup/explain-fault.ts'

function withCode(code: string, more: object = {}): Error {
  return Object.assign(new Error('row 42 says hunter2'), { code }, more)
}
function fromServer(state: string): Error {
  return withCode(state, { severity: 'ERROR' })
}

describe('explainFault', () => {
  it.each([
    ['a full disk', withCode('ENOSPC'), 'no_space', 51],
    ['a full disk of the database', fromServer('53100'), 'no_space', 51],
    ['a server without locks', fromServer('53200'), 'failed', 1],
    ['a server that is away', withCode('ECONNREFUSED'), 'unreachable', 22],
    ['a server that goes down', fromServer('57P01'), 'unreachable', 22],
    ['a wrong password', fromServer('28P01'), 'unreachable', 22],
    ['a missing database', fromServer('3D000'), 'unreachable', 22],
    ['a locked table', fromServer('55P03'), 'busy', 20],
    ['a server without a free connection', fromServer('53300'), 'busy', 20],
    ['a signal', withCode('ABORT_ERR'), 'terminated', 143],
    ['a signal that was asked', AbortSignal.abort().reason, 'terminated', 143],
    ['any other answer of the server', fromServer('42P01'), 'failed', 1],
  ])('gives %s its code', (_what, err, exit, exitCode) => {
    const explained = explainFault(err)

    expect(explained.exit).toBe(exit)
    expect(exitCodes[explained.exit]).toBe(exitCode)
    expect(explained.publicMessage).not.toContain('hunter2')
    expect(explained.hint).not.toBe('')
  })

  it('passes on what was already explained', () => {
    const err = new CommandError('refused', 'no', { hint: 'why' })

    expect(explainFault(err)).toBe(err)
  })
})
