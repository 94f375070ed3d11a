import { BackupError } from '../backup-error.ts'

const shown = 3

/** What was restored is not what was promised. */
export class DrillDifference extends BackupError {
  /** One line each. */
  readonly differences: string[]

  constructor(differences: string[]) {
    const more = differences.length > shown ? ` and ${differences.length - shown} more` : ''
    super(
      'verification_failed',
      `what was restored is not what was backed up: ${differences.slice(0, shown).join('; ')}${more}`,
      'the report names every difference; take another backup and prove it: make backup verify-backup',
    )
    this.differences = differences
  }
}

export const refuseDifferences = (differences: string[]): void => {
  if (differences.length > 0) throw new DrillDifference(differences)
}
