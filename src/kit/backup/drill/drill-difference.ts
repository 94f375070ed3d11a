import { CommandError } from '../../errors.ts'

const shown = 3

/** The restored database differs from the backup. */
export class DrillDifference extends CommandError {
  /** One line per difference. */
  readonly differences: string[]

  constructor(differences: string[]) {
    const more = differences.length > shown ? ` and ${differences.length - shown} more` : ''
    super(
      'verification_failed',
      `what was restored is not what was backed up: ${differences.slice(0, shown).join('; ')}${more}`,
      {
        hint: 'the report names every difference; take another backup and prove it: make backup verify-backup',
      },
    )
    this.differences = differences
  }
}

export function refuseDifferences(differences: string[]): void {
  if (differences.length > 0) throw new DrillDifference(differences)
}
