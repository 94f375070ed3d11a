import type { Session } from './open-session.ts'

const identifier = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`
const relation = String.raw`(${identifier}(?:\s*\.\s*${identifier})?)`
const pattern = new RegExp(
  String.raw`^alter\s+table\s+(?:if\s+exists\s+)?${relation}\s+detach\s+partition\s+${relation}\s+concurrently`,
  'iu',
)
const comments = /--[^\n]*(\n|$)|\/\*[\s\S]*?\*\//g

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * Returns the SQL still needed for `ALTER TABLE ... DETACH PARTITION ... CONCURRENTLY`; undefined when an earlier run
 * finished it. An interrupted detach stays pending, and only FINALIZE completes it.
 */
export async function restOfDetach(session: Session, statement: string): Promise<string | undefined> {
  const [, table, partition] = pattern.exec(statement.replace(comments, ' ').trim()) ?? []
  if (table === undefined || partition === undefined) return statement
  const [found] = await session.run<{ is_there: boolean; is_pending: boolean | null }>(
    `select to_regclass(${literal(partition)}) is not null as is_there,
            (select inhdetachpending from pg_inherits
             where inhrelid = to_regclass(${literal(partition)}) and inhparent = to_regclass(${literal(table)})) as is_pending`,
  )
  // The server refuses a missing partition.
  if (found?.is_there !== true) return statement
  if (found.is_pending === null) return undefined
  return found.is_pending ? `ALTER TABLE ${table} DETACH PARTITION ${partition} FINALIZE` : statement
}
