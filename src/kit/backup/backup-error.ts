import { AppError } from '../errors.ts'

/** How a backup command can fail, and the exit code a script can branch on; 20 and 22 mean the same in migrate. */
export const backupExitCodes = {
  failed: 1,
  usage: 2,
  busy: 20,
  unreachable: 22,
  verification_failed: 50,
  no_space: 51,
  version_mismatch: 52,
  not_found: 53,
  refused: 54,
  key: 55,
  offsite: 56,
  drill_failed: 57,
  archive: 58,
  cancelled: 143,
} as const

export type BackupFault = keyof typeof backupExitCodes

/** A fault of a backup command: a sentence for the operator, what to type next, and a code. */
export class BackupError extends AppError {
  readonly fault: BackupFault

  constructor(fault: BackupFault, sentence: string, hint: string, cause?: unknown) {
    super('internal', sentence, { hint, ...(cause === undefined ? {} : { cause }), fields: { fault } })
    this.fault = fault
  }
}
