import { type FileFacts, type Found, isExisting } from './file-facts.ts'

/** Notes that the transaction holds a lock on an existing table that others wait for; a second table is a finding. */
export function lockTable(table: string, line: number, facts: FileFacts): Found[] {
  if (!isExisting(facts, table)) return []
  facts.changesSchema = true
  const isSecond = !facts.locked.has(table) && facts.locked.size > 0
  facts.locked.add(table)
  const found: Found[] = facts.changesRows ? [{ rule: 'ddl-with-backfill', line, subject: table }] : []
  if (isSecond) found.push({ rule: 'several-tables', line, subject: [...facts.locked].join(', ') })
  return found
}
