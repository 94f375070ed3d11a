import { inCanonicalTransaction } from './canonical-settings.ts'
import { hashCatalog } from './catalog-hash.ts'
import { hashDifferences, hashTables } from './content-hash.ts'
import { readDatabaseFacts, readMigrations, type DatabaseFacts } from './database-facts.ts'
import { readLargeObjects } from './large-objects.ts'
import type { Manifest } from './manifest.ts'
import type { Session } from '../session.ts'
import { rowDifferences } from './compare-rows.ts'
import { compareSequences } from './compare-sequences.ts'

export interface Compared {
  differences: string[]
  comparedTables: number
  hashedTables: number
  rows: number
  serverVersion: string
}

/** Lines of the one that are missing in the other, either way. */
export const setDifferences = (what: string, expected: string[], actual: string[]): string[] => {
  const [wanted, found] = [new Set(expected), new Set(actual)]
  return [
    ...expected.filter((each) => !found.has(each)).map((each) => `${what} ${each} is missing`),
    ...actual.filter((each) => !wanted.has(each)).map((each) => `${what} ${each} is not in the manifest`),
  ]
}

/** What a copy of a database has to hold: a manifest, or what was measured of the other copy. null is not compared. */
export type Promised = Pick<
  Manifest,
  'tables' | 'sequences' | 'largeObjects' | 'migrations' | 'catalogHash'
> & { database: { extensions: Manifest['database']['extensions'] | null } }

const extensionLine = ({ name, version }: { name: string; version: string }): string => `${name} ${version}`
const extensionDifferences = ({ database }: Promised, found: DatabaseFacts): string[] =>
  database.extensions === null
    ? []
    : setDifferences('extension', database.extensions.map(extensionLine), found.extensions.map(extensionLine))

const migrationLine = ({ hash, createdAt }: { hash: string; createdAt: number }): string =>
  `${createdAt} ${hash}`

/** The shape of everything, without a look at any row. */
export const compareCatalog = async (
  session: Session,
  { catalogHash }: Pick<Promised, 'catalogHash'>,
): Promise<string[]> =>
  catalogHash === null || catalogHash === (await inCanonicalTransaction(session, () => hashCatalog(session)))
    ? []
    : ['the catalog (columns, constraints, indexes, functions, triggers, policies) is another one']

const compareLargeObjects = async (
  session: Session,
  { largeObjects }: Pick<Promised, 'largeObjects'>,
): Promise<string[]> => {
  if (largeObjects === null) return []
  const { count, hash } = await readLargeObjects(session)
  return hash === largeObjects.hash
    ? []
    : [`the large objects are other ones (${count} instead of ${largeObjects.count})`]
}

/** Everything that is promised, against the database that was made out of the dump. */
export const compareContent = async (session: Session, manifest: Promised): Promise<Compared> => {
  const facts = await readDatabaseFacts(session)
  const tables = await inCanonicalTransaction(session, () => hashTables(session, { like: manifest.tables }))
  const migrations = await readMigrations(session)
  return {
    differences: [
      ...rowDifferences(manifest.tables, tables),
      ...extensionDifferences(manifest, facts),
      ...hashDifferences(manifest.tables, tables),
      ...(await compareCatalog(session, manifest)),
      ...(await compareLargeObjects(session, manifest)),
      ...(await compareSequences(session, manifest.sequences)),
      ...setDifferences('migration', manifest.migrations.map(migrationLine), migrations.map(migrationLine)),
    ],
    comparedTables: tables.length,
    hashedTables: tables.filter(({ hash }) => hash !== null).length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    serverVersion: facts.serverVersion,
  }
}
