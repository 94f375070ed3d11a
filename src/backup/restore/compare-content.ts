import { countRows } from '../portable/database-facts.ts'
import type { Manifest, TableRows } from '../portable/manifest.ts'
import type { Session } from '../session.ts'
import { refuseOtherRows } from './compare-rows.ts'
import { refuseOtherSequences } from './compare-sequences.ts'
import { findTable, type TableName } from './table-entries.ts'

const isTable =
  ({ schema, name }: TableName) =>
  (table: TableRows): boolean =>
    table.schema === schema && table.name === name

/** Refuses what is not, row by row, what was backed up; returns how many rows were compared. */
export const compareContent = async (
  session: Session,
  manifest: Manifest,
  table: TableName | undefined,
): Promise<number> => {
  const expected = table === undefined ? manifest.tables : [findTable(manifest, table)]
  const found = await countRows(session)
  refuseOtherRows(expected, table === undefined ? found : found.filter(isTable(table)))
  if (table === undefined) await refuseOtherSequences(session, manifest.sequences ?? [])
  return expected.reduce((sum, { rows }) => sum + rows, 0)
}
