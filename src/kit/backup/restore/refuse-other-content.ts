import { CommandError } from '../../errors.ts'
import { inCanonicalTransaction } from '../portable/canonical-settings.ts'
import { compareCatalog, compareContent } from '../portable/compare-content.ts'
import { rowDifferences } from '../portable/compare-rows.ts'
import { hashDifferences, hashTables } from '../portable/content-hash.ts'
import type { Manifest } from '../portable/manifest.ts'
import type { Session } from '../../postgres/session.ts'
import { findTable, type TableName } from './table-entries.ts'
import { withoutForcedSecurity } from './without-forced-security.ts'

interface Compared {
  differences: string[]
  rows: number
}

const shownDifferences = 5

async function compareTable(session: Session, manifest: Manifest, table: TableName): Promise<Compared> {
  const expected = findTable(manifest, table)
  const all = await inCanonicalTransaction(session, () => hashTables(session, { like: [expected] }))
  const found = all.filter(({ schema, name }) => schema === table.schema && name === table.name)
  const differences = [...rowDifferences([expected], found), ...hashDifferences([expected], found)]
  return { differences, rows: expected.rows }
}

/** Does not compare extension versions: the target server decides. */
async function compareAll(session: Session, manifest: Manifest): Promise<Compared> {
  const rowsOnly = { ...manifest, catalogHash: null, database: { extensions: null } }
  const { differences, rows } = await withoutForcedSecurity(session, () => compareContent(session, rowsOnly))
  // FORCE ROW LEVEL SECURITY is part of the catalog: compare the catalog once it is enabled again.
  const shape = await compareCatalog(session, manifest)
  return { differences: [...differences, ...shape.differences], rows }
}

/**
 * Compares rows and catalog of a restored database with the manifest. Returns the number of rows. Throws
 * CommandError for a difference.
 */
export async function refuseOtherContent(
  session: Session,
  manifest: Manifest,
  table: TableName | undefined,
): Promise<number> {
  const { differences, rows } = await (table === undefined
    ? compareAll(session, manifest)
    : withoutForcedSecurity(session, () => compareTable(session, manifest, table)))
  if (differences.length === 0) return rows
  throw new CommandError(
    'verification_failed',
    `what was restored is not what was backed up: ${differences.slice(0, shownDifferences).join('; ')}`,
    { hint: 'the live database was not touched; use another backup: make backups' },
  )
}
