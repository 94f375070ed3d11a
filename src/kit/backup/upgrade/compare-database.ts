import { CommandError } from '../../errors.ts'
import { inCanonicalTransaction } from '../portable/canonical-settings.ts'
import { compareContent, type Compared } from '../portable/compare-content.ts'
import { readDatabaseFacts } from '../portable/database-facts.ts'
import { setDifferences } from '../portable/set-differences.ts'
import type { Session } from '../../postgres/session.ts'
import { readAccessLines } from './access-lines.ts'
import { comparableLine } from './comparable-line.ts'
import { readCatalog, type MeasuredDatabase } from './measure-database.ts'

const shown = 5

export interface ComparedDatabase extends Compared {
  catalogLines: number
  accessLines: number
  /** Definitions that the new server prints differently. */
  rewritten: string[]
}

function refuse(database: string, differences: string[]): void {
  if (differences.length === 0) return
  const more = differences.length > shown ? `; and ${differences.length - shown} more` : ''
  throw new CommandError(
    'verification_failed',
    `${database} is not the same on the new server: ${differences.slice(0, shown).join('; ')}${more}`,
    {
      hint: 'the old server is as it was and stays live; the difference has to be understood before another attempt',
    },
  )
}

/** Compares content, catalog, owners, grants and roles with the measurement of the old server. */
export async function compareDatabase(
  session: Session,
  expected: MeasuredDatabase,
): Promise<ComparedDatabase> {
  const compared = await compareContent(session, expected.content)
  const { name } = await readDatabaseFacts(session)
  const found = await inCanonicalTransaction(session, async () => ({
    catalog: await readCatalog(session),
    access: await readAccessLines(session, name),
  }))
  refuse(name, [
    ...compared.differences,
    ...setDifferences('catalog:', expected.catalog.map(comparableLine), found.catalog.map(comparableLine)),
    ...setDifferences('access:', expected.access, found.access),
  ])
  const wanted = new Set(expected.catalog)
  return {
    ...compared,
    catalogLines: found.catalog.length,
    accessLines: found.access.length,
    rewritten: found.catalog.filter((line) => !wanted.has(line)).map(comparableLine),
  }
}
