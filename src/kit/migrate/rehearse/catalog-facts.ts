import type { Session } from '../open-session.ts'
import { catalogFactsSql } from './catalog-facts-sql.ts'

/** Kinds of which the running version may need each fact. */
export type LossKind =
  | 'relation'
  | 'column'
  | 'default'
  | 'generated'
  | 'identity'
  | 'sequence'
  | 'unique key'
  | 'primary key'
  | 'foreign key'
  | 'exclusion'
  | 'owner'
  | 'privilege'
  | 'default privilege'
  | 'label'
  | 'function'
  | 'trigger'
  | 'row security'
  | 'setting'
  | 'extension'

/** Kinds of which a new fact hurts the running version. */
export type GainKind = 'trigger' | 'rule' | 'vacuum' | 'shadow' | 'setting'

export interface CatalogFact {
  kind: LossKind | GainKind
  /** Quoted and qualified; empty for what belongs to no relation. */
  relation: string
  fact: string
}

export interface SequenceFact {
  name: string
  /** Decimal digits, since a bigint does not fit a number. */
  min: string
  max: string
  last: string | null
  ascending: boolean
}

export interface CatalogFacts {
  facts: CatalogFact[]
  sequences: SequenceFact[]
}

/**
 * Reads the catalog entries that a version of the code may rely on, as the session sees them inside its own
 * transaction. Names are qualified whatever the search_path is, which is restored afterwards.
 */
export async function readCatalogFacts(session: Session): Promise<CatalogFacts> {
  const [saved] = await session.run<{ path: string }>("select current_setting('search_path') as path")
  const path = (saved?.path ?? '').replaceAll("'", "''")
  const [row] = await session.run<CatalogFacts & Record<string, unknown>>(
    `set local search_path = pg_catalog; ${catalogFactsSql(path)}`,
  )
  await session.run(`select set_config('search_path', '${path}', true)`)
  return row ?? { facts: [], sequences: [] }
}
