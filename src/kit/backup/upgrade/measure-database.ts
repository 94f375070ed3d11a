import { catalogQuery } from '../../postgres/catalog-lines.ts'
import { inCanonicalTransaction } from '../portable/canonical-settings.ts'
import type { Promised } from '../portable/compare-content.ts'
import { readDatabaseFacts, readMigrations, readSequences } from '../portable/database-facts.ts'
import { measureContent } from '../portable/measure-content.ts'
import type { Session } from '../../postgres/session.ts'
import { readAccessLines } from './access-lines.ts'

export interface MeasuredDatabase {
  content: Promised
  catalog: string[]
  access: string[]
}

export async function readCatalog(session: Session): Promise<string[]> {
  return (await session.unsafe<{ line: string }[]>(catalogQuery)).map(({ line }) => line)
}

/** Measures the content of one database on the old server, without concurrent writes. */
export async function measureDatabase(session: Session, budgetMs: number): Promise<MeasuredDatabase> {
  const { name, serverVersion, extensions } = await readDatabaseFacts(session)
  const sequences = await readSequences(session)
  const migrations = await readMigrations(session)
  return inCanonicalTransaction(session, async () => {
    const { tables, largeObjects } = await measureContent(session, budgetMs)
    return {
      // The catalog is compared line by line instead.
      content: {
        ...{ tables, largeObjects, sequences, migrations, serverVersion, catalogHash: null },
        database: { extensions },
      },
      catalog: await readCatalog(session),
      access: await readAccessLines(session, name),
    }
  })
}
