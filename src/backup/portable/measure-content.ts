import type { Session } from '../session.ts'
import { setCanonical } from './canonical-settings.ts'
import { hashCatalog } from './catalog-hash.ts'
import { hashTables } from './content-hash.ts'
import { readLargeObjects } from './large-objects.ts'
import type { Manifest } from './manifest.ts'

export type Measured = Pick<Manifest, 'tables'> & {
  largeObjects: NonNullable<Manifest['largeObjects']>
  catalogHash: string
}

/** What the dump has to hold, read in the snapshot of the dump while it runs. */
export const measureContent = async (session: Session, budgetMs: number): Promise<Measured> => {
  await setCanonical(session)
  const catalogHash = await hashCatalog(session)
  const largeObjects = await readLargeObjects(session)
  return { tables: await hashTables(session, { budgetMs }), largeObjects, catalogHash }
}
