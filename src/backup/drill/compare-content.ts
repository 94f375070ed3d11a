import { countRows, readDatabaseFacts, readMigrations } from '../portable/database-facts.ts'
import type { Manifest } from '../portable/manifest.ts'
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

const extensionLine = ({ name, version }: { name: string; version: string }): string => `${name} ${version}`
const migrationLine = ({ hash, createdAt }: { hash: string; createdAt: number }): string =>
  `${createdAt} ${hash}`

/** Everything the manifest promises, against the database that was made out of the dump. */
export const compareContent = async (session: Session, manifest: Manifest): Promise<Compared> => {
  const facts = await readDatabaseFacts(session)
  const tables = await countRows(session)
  const migrations = await readMigrations(session)
  return {
    differences: [
      ...rowDifferences(manifest.tables, tables),
      ...setDifferences(
        'extension',
        manifest.database.extensions.map(extensionLine),
        facts.extensions.map(extensionLine),
      ),
      ...(await compareSequences(session, manifest.sequences)),
      ...setDifferences('migration', manifest.migrations.map(migrationLine), migrations.map(migrationLine)),
    ],
    comparedTables: tables.length,
    hashedTables: 0,
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    serverVersion: facts.serverVersion,
  }
}
