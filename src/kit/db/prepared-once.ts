import type { Database } from './open-database.ts'

/** Methods that a database handle and a transaction share. */
export type Queries = Pick<Database, '$with' | 'delete' | 'insert' | 'select' | 'update' | 'with'>

/**
 * Prepares a statement once per database handle: Drizzle's ordinary queries reach postgres.js unprepared, at a
 * quarter to a half of the throughput. A transaction is a handle of its own and is forgotten when it ends.
 */
export function preparedOnce<T>(build: (db: Queries) => T): (db: Queries) => T {
  const built = new WeakMap<Queries, T>()
  return (db) => {
    const known = built.get(db)
    if (known !== undefined) return known
    const fresh = build(db)
    built.set(db, fresh)
    return fresh
  }
}
