import { inCanonicalTransaction } from './canonical-settings.ts'
import { hashCatalog } from './catalog-hash.ts'
import { hashDifferences, hashTables } from './content-hash.ts'
import { readDatabaseFacts, readMigrations, type DatabaseFacts } from './database-facts.ts'
import { readLargeObjects } from './large-objects.ts'
import type { Manifest } from './manifest.ts'
import { rowDifferences } from '../restore/compare-rows.ts'
import type { Session } from '../session.ts'
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

const readContent = (session: Session, manifest: Promised) =>
  inCanonicalTransaction(session, async () => ({
    catalogHash: await hashCatalog(session),
    largeObjects: await readLargeObjects(session),
    tables: await hashTables(session, { like: manifest.tables }),
  }))

const contentDifferences = (
  { catalogHash, largeObjects }: Promised,
  found: Awaited<ReturnType<typeof readContent>>,
): string[] => [
  ...(catalogHash === null || catalogHash === found.catalogHash
    ? []
    : ['the catalog (columns, constraints, indexes, functions, triggers, policies) is another one']),
  ...(largeObjects === null || largeObjects.hash === found.largeObjects.hash
    ? []
    : [`the large objects are other ones (${found.largeObjects.count} instead of ${largeObjects.count})`]),
]

/** Everything that is promised, against the database that was made out of the dump. */
export const compareContent = async (session: Session, manifest: Promised): Promise<Compared> => {
  const facts = await readDatabaseFacts(session)
  const content = await readContent(session, manifest)
  const { tables } = content
  const migrations = await readMigrations(session)
  return {
    differences: [
      ...rowDifferences(manifest.tables, tables),
      ...extensionDifferences(manifest, facts),
      ...hashDifferences(manifest.tables, tables),
      ...contentDifferences(manifest, content),
      ...(await compareSequences(session, manifest.sequences)),
      ...setDifferences('migration', manifest.migrations.map(migrationLine), migrations.map(migrationLine)),
    ],
    comparedTables: tables.length,
    hashedTables: tables.filter(({ hash }) => hash !== null).length,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    serverVersion: facts.serverVersion,
  }
}
