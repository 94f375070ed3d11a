import { majorOf } from '../../postgres/client-version.ts'
import type { Session } from '../../postgres/session.ts'
import { inCanonicalTransaction } from './canonical-settings.ts'
import { hashCatalog } from './catalog-hash.ts'
import { compareExtensions, type Accepted } from './compare-extensions.ts'
import { rowDifferences } from './compare-rows.ts'
import { compareSequences } from './compare-sequences.ts'
import { hashDifferences, hashTables } from './content-hash.ts'
import { readDatabaseFacts, readMigrations, type DatabaseFacts } from './database-facts.ts'
import { readLargeObjects } from './large-objects.ts'
import type { Manifest } from './manifest.ts'
import { setDifferences } from './set-differences.ts'

export interface Compared extends Accepted {
  comparedTables: number
  hashedTables: number
  rows: number
  serverVersion: string
}

/**
 * Expected content of a copy of a database, from a manifest or measured on the original. null is not
 * compared.
 */
export type Promised = Pick<
  Manifest,
  'tables' | 'sequences' | 'largeObjects' | 'migrations' | 'catalogHash' | 'serverVersion'
> & { database: { extensions: Manifest['database']['extensions'] | null } }

const nothing: Accepted = { differences: [], notes: [] }

function migrationLine({ hash, createdAt }: { hash: string; createdAt: number }): string {
  return `${createdAt} ${hash}`
}

async function compareLargeObjects(
  session: Session,
  { largeObjects }: Pick<Promised, 'largeObjects'>,
): Promise<string[]> {
  if (largeObjects === null) return []
  const { count, hash } = await readLargeObjects(session)
  return hash === largeObjects.hash
    ? []
    : [`the large objects are other ones (${count} instead of ${largeObjects.count})`]
}

function isOfMajor(version: string, other: string): boolean {
  return majorOf(version) === majorOf(other)
}

/**
 * Compares the catalog without reading rows, within one major only: a later major may print the same view
 * differently.
 */
export async function compareCatalog(
  session: Session,
  { catalogHash, serverVersion }: Pick<Promised, 'catalogHash' | 'serverVersion'>,
): Promise<Accepted> {
  if (catalogHash === null) return nothing
  const found = await readDatabaseFacts(session)
  if (!isOfMajor(serverVersion, found.serverVersion)) {
    const both = `PostgreSQL ${serverVersion}, and ${found.serverVersion}`
    return {
      differences: [],
      notes: [`the catalog was not compared: it is of ${both} may write it otherwise`],
    }
  }
  const hash = await inCanonicalTransaction(session, () => hashCatalog(session))
  const another = 'the catalog (columns, constraints, indexes, functions, triggers, policies) is another one'
  return { differences: hash === catalogHash ? [] : [another], notes: [] }
}

function extensionsOf({ database, serverVersion }: Promised, found: DatabaseFacts): Accepted {
  return database.extensions === null
    ? nothing
    : compareExtensions(database.extensions, found.extensions, {
        isSameMajor: isOfMajor(serverVersion, found.serverVersion),
      })
}

/**
 * Compares a restored database with `promised`: rows, hashes, sequences, large objects, migrations,
 * catalog, extensions.
 */
export async function compareContent(session: Session, promised: Promised): Promise<Compared> {
  const facts = await readDatabaseFacts(session)
  const tables = await inCanonicalTransaction(session, () => hashTables(session, { like: promised.tables }))
  const migrations = await readMigrations(session)
  const extensions = extensionsOf(promised, facts)
  const catalog = await compareCatalog(session, promised)
  return {
    differences: [
      ...rowDifferences(promised.tables, tables),
      ...extensions.differences,
      ...hashDifferences(promised.tables, tables),
      ...catalog.differences,
      ...(await compareLargeObjects(session, promised)),
      ...(await compareSequences(session, promised.sequences)),
      ...setDifferences('migration', promised.migrations.map(migrationLine), migrations.map(migrationLine)),
    ],
    notes: [...extensions.notes, ...catalog.notes],
    comparedTables: tables.length,
    hashedTables: tables.filter(({ hash }) => hash !== null).length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    serverVersion: facts.serverVersion,
  }
}
