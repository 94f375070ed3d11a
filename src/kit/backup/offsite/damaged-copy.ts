import { CommandError } from '../../errors.ts'

/** A copy that differs from the uploaded backup. */
export class DamagedCopy extends CommandError {
  constructor(name: string, what: string) {
    super('offsite', `the copy of ${name} off-site cannot be trusted: ${what}`, {
      hint: 'it is copied anew where the backup is still here; to restore, choose another one: docker compose -f compose.prod.yaml exec backup node backup.js offsite list',
    })
  }
}
