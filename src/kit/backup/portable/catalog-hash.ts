import { createHash } from 'node:crypto'
import { catalogQuery } from '../../postgres/catalog-lines.ts'
import type { Session } from '../../postgres/session.ts'

/** One figure for the shape of everything in the database; in a transaction with the canonical settings. */
export async function hashCatalog(session: Session): Promise<string> {
  const rows = await session.unsafe<{ line: string }[]>(catalogQuery)
  const hash = createHash('sha256')
  for (const { line } of rows) hash.update(`${line}\n`)
  return hash.digest('hex')
}
