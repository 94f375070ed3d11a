import { BackupError } from '../backup-error.ts'

/** A scheduled dump that gave way to a migration: no failure, it comes again in a moment. */
export class Yielded extends BackupError {
  constructor() {
    super(
      'busy',
      'a migration waits for the lock, and a scheduled dump gives way to it',
      'it comes again by itself',
    )
  }
}
