import {
  readDatabaseFacts,
  readMigrations,
  readSequences,
  type DatabaseFacts,
  type Sequence,
} from './database-facts.ts'
import type { Globals } from './globals-sql.ts'
import type { Manifest } from './manifest.ts'
import { readGlobals } from './read-globals.ts'
import { backendOf, refuseAnotherBackend, type Session } from '../../postgres/session.ts'

export interface Snapshot {
  /** For `pg_dump --snapshot`; valid while `use` runs. */
  id: string
  takenAt: Date
  facts: DatabaseFacts
  globals: Globals
  sequences: Sequence[]
  migrations: Manifest['migrations']
}

async function exportSnapshot(session: Session): Promise<{ id: string; takenAt: Date }> {
  const [row] = await session<{ id: string; takenAt: Date }[]>`
    select pg_export_snapshot() as id, date_trunc('milliseconds', now()) as "takenAt"`
  if (row === undefined) throw new Error('pg_export_snapshot() returned no row')
  return row
}

/**
 * Opens one snapshot for the dump and for the figures in the manifest, so that both agree despite
 * concurrent writes. Uses plain begin and commit: the session has one connection, and the driver's own
 * `begin` lets the error of a dying backend escape every catch.
 */
export async function withSnapshot<T>(session: Session, use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const backend = await backendOf(session)
  await session`begin isolation level repeatable read read only`
  const { id, takenAt } = await exportSnapshot(session)
  const facts = await readDatabaseFacts(session)
  const globals = await readGlobals(session, facts.name)
  const sequences = await readSequences(session)
  const migrations = await readMigrations(session)
  await refuseAnotherBackend(session, backend)
  const made = await use({ id, takenAt, facts, globals, sequences, migrations })
  await refuseAnotherBackend(session, backend)
  await session`commit`
  return made
}
