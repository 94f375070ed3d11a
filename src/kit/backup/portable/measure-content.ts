import type { Session } from '../../postgres/session.ts'
import { setCanonical } from './canonical-settings.ts'
import { hashCatalog } from './catalog-hash.ts'
import { hashTables } from './content-hash.ts'
import { readLargeObjects } from './large-objects.ts'
import type { Manifest } from './manifest.ts'

export type Measured = Pick<Manifest, 'tables'> & {
  largeObjects: NonNullable<Manifest['largeObjects']>
  catalogHash: string
}

/** Measures the expected content of the dump, in the same snapshot while the dump runs. */
export async function measureContent(session: Session, budgetMs: number): Promise<Measured> {
  await setCanonical(session)
  // No parallel workers: the dump has priority, and this query does not outlast it.
  await session`select set_config('max_parallel_workers_per_gather', '0', true)`
  const catalogHash = await hashCatalog(session)
  const largeObjects = await readLargeObjects(session)
  return { tables: await hashTables(session, { budgetMs }), largeObjects, catalogHash }
}
