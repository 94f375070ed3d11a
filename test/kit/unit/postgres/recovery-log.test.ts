import { describe, expect, it } from 'vitest'
import { readRecoveryLog } from '../../../../src/kit/postgres/recovery-log.ts'

const recovered = `LOG:  starting archive recovery
LOG:  last completed transaction was at log time 2026-11-30 20:00:00.1+00
LOG:  redo done at 0/3000028 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.01 s
LOG:  redo done at 0/4000110 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.01 s
LOG:  last completed transaction was at log time 2026-11-30 20:01:02.345678+00
LOG:  database system is ready to accept connections`

describe('the log of a recovery', () => {
  it('says when the last commit was, and where redo ended', () => {
    expect(readRecoveryLog(recovered.split('\n'))).toEqual({
      lastCommitAt: '2026-11-30 20:01:02.345678+00',
      redoDoneAt: '0/4000110',
      isTargetMissed: false,
    })
  })

  it('says that the archive ended before the target', () => {
    const lines = ['FATAL:  recovery ended before configured recovery target was reached']

    expect(readRecoveryLog(lines)).toMatchObject({ isTargetMissed: true })
  })

  it('says nothing of a server that ended before its recovery', () => {
    expect(readRecoveryLog(['FATAL:  could not open directory'])).toEqual({
      lastCommitAt: undefined,
      redoDoneAt: undefined,
      isTargetMissed: false,
    })
  })
})
