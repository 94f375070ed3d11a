import { describe, expect, it } from 'vitest'
import { judgeBackups, mergeBackupRows, type BackupRow } from '../../drill/backups/backup-row.ts'

function row(more: Partial<BackupRow> = {}): BackupRow {
  return {
    fault: 'a file cut short',
    runs: 1,
    lookedGood: 0,
    liveChanged: 0,
    ended: ['50'],
    expected: '50',
    wrongSentences: 0,
    wrongMetrics: 0,
    ...more,
  }
}

describe('judgeBackups', () => {
  it('says nothing when all is as it has to be', () => {
    expect(judgeBackups(row())).toEqual([])
  })

  it.each<[Partial<BackupRow>, string]>([
    [{ runs: 0 }, 'was not run'],
    [{ lookedGood: 1 }, '1 looked good and were not'],
    [{ liveChanged: 2 }, 'live data changed in 2 runs'],
    [{ ended: ['0'] }, 'ended with 0 instead of 50'],
    [{ ended: ['0', '50'] }, 'ended with 0,50 instead of 50'],
    [{ wrongSentences: 1 }, '1 times another sentence than expected'],
    [{ wrongMetrics: 3 }, '3 times metrics that do not follow'],
  ])('%j › says so', (more, sentence) => {
    expect(judgeBackups(row(more))).toEqual([sentence])
  })
})

describe('mergeBackupRows', () => {
  it('adds up what went wrong, and keeps each way in which it ended', () => {
    const merged = mergeBackupRows(
      row(),
      row({ ended: ['0'], lookedGood: 1, liveChanged: 1, wrongSentences: 1, wrongMetrics: 1 }),
      row(),
    )

    expect(merged).toEqual(
      row({ runs: 3, ended: ['0', '50'], lookedGood: 1, liveChanged: 1, wrongSentences: 1, wrongMetrics: 1 }),
    )
  })

  it('knows of no metric where no run knew of one', () => {
    const none = row({ wrongMetrics: undefined })

    expect(mergeBackupRows(none, none).wrongMetrics).toBeUndefined()
  })
})
