import type { Session } from '../../postgres/session.ts'
import type { Manifest } from './manifest.ts'

/**
 * Returns count and hash of the large objects. They belong to no table; their ids are the same after a
 * restore.
 */
export async function readLargeObjects(session: Session): Promise<NonNullable<Manifest['largeObjects']>> {
  const [row] = await session<{ count: string; hash: string }[]>`
    select count(*)::text as count,
      coalesce(sum(hashtextextended(oid::text || ' ' || md5(lo_get(oid)), 0)), 0)::text as hash
    from pg_largeobject_metadata`
  return { count: Number(row?.count ?? 0), hash: row?.hash ?? '0' }
}
