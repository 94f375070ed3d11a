import { listDatabaseNames } from '../portable/database-facts.ts'
import { readableAge, readableBytes } from '../../host/list-text.ts'
import type { Session } from '../../postgres/session.ts'
import { pgError } from '../../postgres/pg-error.ts'
import { keptSince, namesMadeFrom } from './database-names.ts'

/** Former live database that a restore set aside. */
export interface KeptDatabase {
  name: string
  since: Date
  /** undefined for a database with damaged files. */
  bytes: number | undefined
}

export async function sizeOfDatabase(session: Session, name: string): Promise<number | undefined> {
  try {
    const [row] = await session<{ bytes: string }[]>`
      select pg_database_size(oid)::text as bytes from pg_database where datname = ${name}`
    return row === undefined ? undefined : Number(row.bytes)
  } catch (err) {
    if (pgError(err) === undefined) throw err
    return undefined
  }
}

/** Lists the databases that restores set aside, oldest first. */
export async function listKeptDatabases(session: Session, live: string): Promise<KeptDatabase[]> {
  const kept: KeptDatabase[] = []
  for (const name of namesMadeFrom(live, 'swap', await listDatabaseNames(session)))
    kept.push({ name, since: keptSince(name), bytes: await sizeOfDatabase(session, name) })
  return kept
}

export function renderKept({ name, since, bytes }: KeptDatabase, now: Date): string {
  return `${name} (${bytes === undefined ? 'size unknown' : readableBytes(bytes)}, set aside ${readableAge(now.getTime() - since.getTime())} ago)`
}
