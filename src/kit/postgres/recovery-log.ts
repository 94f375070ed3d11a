/** Progress of a recovery, read from the server's log. */
export interface RecoveryLog {
  /** Commit time of the last replayed transaction, in the server's format. */
  lastCommitAt: string | undefined
  /** The LSN at which redo ended. */
  redoDoneAt: string | undefined
  /** The archive ended before the target: the server then ends with FATAL. */
  isTargetMissed: boolean
}

/** Reads the lines of a server with log_min_messages = log and lc_messages = C. */
export function readRecoveryLog(lines: string[]): RecoveryLog {
  const last = (pattern: RegExp): string | undefined =>
    lines.flatMap((line) => pattern.exec(line)?.[1] ?? []).at(-1)
  return {
    lastCommitAt: last(/last completed transaction was at log time (.+)$/),
    redoDoneAt: last(/redo done at ([0-9A-F]+\/[0-9A-F]+)/),
    isTargetMissed: lines.some((line) =>
      line.includes('recovery ended before configured recovery target was reached'),
    ),
  }
}
