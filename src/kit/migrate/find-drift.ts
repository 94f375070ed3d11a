import { catalogLines } from '../postgres/catalog-lines.ts'
import { isStale, loadFingerprint } from './fingerprint.ts'
import { readJournal } from './journal.ts'
import { makePlan } from './make-plan.ts'
import { CommandError } from '../errors.ts'
import type { Session } from './open-session.ts'
import type { MigrationFile } from './read-migrations.ts'

export interface Drift {
  /** Lines of the fingerprint that the database lacks. */
  missing: string[]
  /** Lines of the database that no migration made. */
  extra: string[]
  isAhead: boolean
}

/** Compares the live catalog with the fingerprint of the folder. Read only. */
export async function findDrift(session: Session, files: MigrationFile[], folder: string): Promise<Drift> {
  const fingerprint = loadFingerprint(folder)
  if (isStale(fingerprint, files)) {
    throw new CommandError('usage', 'the fingerprint was made from other migrations', {
      hint: 'make it again with npm run db:fingerprint',
    })
  }
  const plan = makePlan(files, await readJournal(session))
  if (plan.pending.length > 0) {
    throw new CommandError(
      'pending',
      `${plan.pending.length} migrations are pending: nothing to compare yet`,
      {
        hint: 'apply them first: up',
      },
    )
  }
  const live = new Set(await catalogLines(session))
  const expected = new Set(fingerprint.catalog)
  return {
    missing: fingerprint.catalog.filter((line) => !live.has(line)),
    extra: [...live].filter((line) => !expected.has(line)),
    isAhead: plan.findings.some(({ code }) => code === 'ahead' || code === 'unknown'),
  }
}
