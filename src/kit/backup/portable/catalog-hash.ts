import { createHash } from 'node:crypto'
import { catalogQuery } from '../../postgres/catalog-lines.ts'
import type { Session } from '../../postgres/session.ts'

/**
 * Returns the SHA-256 of the catalog: the definitions of all objects. Needs a transaction with the
 * canonical settings.
 */
export async function hashCatalog(session: Session): Promise<string> {
  const rows = await session.unsafe<{ line: string }[]>(catalogQuery)
  const hash = createHash('sha256')
  for (const { line } of rows) hash.update(`${line}\n`)
  return hash.digest('hex')
}
