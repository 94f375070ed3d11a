import { CommandError } from '../../errors.ts'
import type { Session } from '../open-session.ts'
import { literal } from './backfill-state.ts'
import type { Backfill } from './parse-backfill.ts'

export interface KeyColumn {
  /** Quoted. */
  name: string
  type: string
}

/** The primary key, in its own order: a keyset walk needs an index that ends and never changes. */
export async function loadKey(session: Session, backfill: Backfill): Promise<KeyColumn[]> {
  const columns = await session.run<KeyColumn & Record<string, unknown>>(
    `select quote_ident(a.attname) as name, format_type(a.atttypid, a.atttypmod) as type
     from pg_index i
     cross join lateral unnest(i.indkey) with ordinality as k(attnum, place)
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = to_regclass(${literal(backfill.table)}) and i.indisprimary order by k.place`,
  )
  if (columns.length > 0) return columns
  throw new CommandError('usage', `${backfill.table} does not exist or has no primary key`, {
    hint: `check the table in ${backfill.name}.sql; a backfill walks along the primary key`,
  })
}
