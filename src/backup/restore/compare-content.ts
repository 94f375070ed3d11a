import { inCanonicalTransaction } from '../portable/canonical-settings.ts'
import { hashDifferences, hashTables, type TableContent } from '../portable/content-hash.ts'
import { readLargeObjects } from '../portable/large-objects.ts'
import type { Manifest } from '../portable/manifest.ts'
import type { Session } from '../session.ts'
import { refuseDifferences, rowDifferences } from './compare-rows.ts'
import { refuseOtherSequences } from './compare-sequences.ts'
import { findTable, type TableName } from './table-entries.ts'

const isTable =
  ({ schema, name }: TableName) =>
  (table: TableContent): boolean =>
    table.schema === schema && table.name === name

const compareTables = async (
  session: Session,
  expected: TableContent[],
  table: TableName | undefined,
): Promise<void> => {
  const all = await inCanonicalTransaction(session, () => hashTables(session, { like: expected }))
  const found = table === undefined ? all : all.filter(isTable(table))
  refuseDifferences([...rowDifferences(expected, found), ...hashDifferences(expected, found)])
}

const compareLargeObjects = async (session: Session, expected: Manifest['largeObjects']): Promise<void> => {
  if (expected === null) return
  const { count, hash } = await readLargeObjects(session)
  if (hash === expected.hash) return
  refuseDifferences([`the large objects are other ones (${count} instead of ${expected.count})`])
}

/** Refuses what is not, row by row, what was backed up; returns how many rows were compared. */
export const compareContent = async (
  session: Session,
  manifest: Manifest,
  table: TableName | undefined,
): Promise<number> => {
  const expected = table === undefined ? manifest.tables : [findTable(manifest, table)]
  await compareTables(session, expected, table)
  if (table === undefined) {
    await refuseOtherSequences(session, manifest.sequences ?? [])
    await compareLargeObjects(session, manifest.largeObjects)
  }
  return expected.reduce((sum, { rows }) => sum + rows, 0)
}
