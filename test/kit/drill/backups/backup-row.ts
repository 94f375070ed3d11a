/** What one fault did to the backups, over all of its runs. */
export interface BackupRow {
  fault: string
  runs: number
  /** Backups that were shown or accepted as good and are not. */
  lookedGood: number
  /** Runs after which the live database held something else than it may. */
  liveChanged: number
  /** How the command ended, each way once. */
  ended: string[]
  expected: string
  /** Runs whose sentence was not the one that tells what to do. */
  wrongSentences: number
  /** Runs after which a metric told another story than the disk; undefined where no metric tells of the fault. */
  wrongMetrics: number | undefined
}

/** What is wrong, as sentences; none when all is well. */
export function judgeBackups(row: BackupRow): string[] {
return [
  ...(row.runs === 0 ? ['was not run'] : []),
  ...(row.lookedGood > 0 ? [`${row.lookedGood} looked good and were not`] : []),
  ...(row.liveChanged > 0 ? [`live data changed in ${row.liveChanged} runs`] : []),
  ...(row.ended.join() === row.expected ? [] : [`ended with ${row.ended.join()} instead of ${row.expected}`]),
  ...(row.wrongSentences > 0 ? [`${row.wrongSentences} times another sentence than expected`] : []),
  ...((row.wrongMetrics ?? 0) > 0 ? [`${row.wrongMetrics ?? 0} times metrics that do not follow`] : []),
]
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0)
}

function merge(one: BackupRow, other: BackupRow): BackupRow {
return {
  fault: one.fault,
  expected: one.expected,
  runs: one.runs + other.runs,
  lookedGood: one.lookedGood + other.lookedGood,
  liveChanged: one.liveChanged + other.liveChanged,
  ended: [...new Set([...one.ended, ...other.ended])].sort(),
  wrongSentences: one.wrongSentences + other.wrongSentences,
  wrongMetrics: sum(one.wrongMetrics, other.wrongMetrics),
}
}

export function mergeBackupRows(first: BackupRow, ...others: BackupRow[]): BackupRow {
return others.reduce(merge, first)
}
