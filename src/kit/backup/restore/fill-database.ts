import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { withLibpqCredentials } from '../../postgres/libpq-credentials.ts'
import { afterPreData, restoreArguments } from '../portable/pg-arguments.ts'
import { runProgram } from '../../postgres/run-program.ts'
import { withSession, type Session } from '../../postgres/session.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'
import { copyDatabaseShape } from './copy-database-shape.ts'
import { createDatabaseStatement, type DatabaseShape } from '../../postgres/database-shape.ts'
import { lendSearchPath, loadPreData } from './load-with-search-path.ts'
import { openRestoreInput } from './open-restore-input.ts'
import type { RestorePlan, RestoreSettings } from './plan-restore.ts'
import { refuseOtherContent } from './refuse-other-content.ts'
import type { TableName } from './table-entries.ts'

export interface Filling {
  /** Database to create. */
  name: string
  shape: DatabaseShape
  /** Restores the rows of this table only, in the complete structure; every table when undefined. */
  table?: TableName | undefined
}

export interface Filled {
  rows: number
  restoreMs: number
  compareMs: number
  /** Parts of the live database that were not copied, as sentences. */
  leftToDo: string[]
}

function inNew<T>(
  settings: RestoreSettings,
  database: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  return withSession({ settings: settings.database, database, lockTimeoutMs: settings.lockTimeoutMs }, use)
}

/** Returns the SQL statements that revert the temporary search paths. */
function runRestore(
  settings: RestoreSettings,
  plan: RestorePlan,
  { name, shape, table }: Filling,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  return withLibpqCredentials(settings.database, async (environment) => {
    const { programs, searchPath } = settings
    const { input, listFile, close } = await openRestoreInput(settings, plan, table)
    const target = { database: name, owner: shape.owner, listFile }
    let lent: string[] = []
    let sections: string[] = []
    try {
      if (searchPath !== undefined) {
        await loadPreData(settings, plan, { ...target, searchPath, environment, signal })
        lent = await inNew(settings, name, (session) => lendSearchPath(session, searchPath))
        sections = afterPreData
      }
      const args = [...restoreArguments(target), ...sections]
      await runProgram({ programs, name: 'pg_restore', args, environment, input, signal }, text)
      return lent
    } finally {
      input.destroy()
      await close()
    }
  })
}

/** --no-owner skips the owner of the schema public. */
async function ownPublicSchema(session: Session, owner: string): Promise<void> {
  const [schema] = await session`select from pg_namespace where nspname = 'public'`
  if (schema !== undefined) await session.unsafe(`ALTER SCHEMA public OWNER TO ${sqlIdentifier(owner)}`)
}

/** A dump contains no statistics. */
function finishContent(
  settings: RestoreSettings,
  plan: RestorePlan,
  { name, shape, table }: Filling,
  lent: string[],
): Promise<number> {
  return inNew(settings, name, async (session) => {
    await ownPublicSchema(session, shape.owner)
    await session`analyze`
    for (const statement of lent) await session.unsafe(statement)
    return refuseOtherContent(session, plan.manifest, table)
  })
}

/**
 * Creates a database from a backup and compares it with the manifest. Throws CommandError; the caller then
 * drops the database.
 */
export async function fillDatabase(
  settings: RestoreSettings,
  server: Session,
  plan: RestorePlan,
  filling: Filling,
  signal: AbortSignal | undefined,
): Promise<Filled> {
  await server.unsafe(createDatabaseStatement(filling.name, filling.shape))
  const begin = performance.now()
  const lent = await runRestore(settings, plan, filling, signal)
  const restored = performance.now()
  const rows = await finishContent(settings, plan, filling, lent)
  const compareMs = Math.round(performance.now() - restored)
  signal?.throwIfAborted()
  const leftToDo = await copyDatabaseShape(server, filling.name, filling.shape)
  return { rows, restoreMs: Math.round(restored - begin), compareMs, leftToDo }
}
