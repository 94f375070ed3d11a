import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { withLibpqCredentials } from '../libpq-credentials.ts'
import { restoreArguments } from '../portable/pg-arguments.ts'
import { runProgram } from '../run-program.ts'
import { withSession, type Session } from '../session.ts'
import { sqlIdentifier } from '../sql-identifier.ts'
import { copyDatabaseShape } from './copy-database-shape.ts'
import { createDatabaseStatement, type DatabaseShape } from './database-shape.ts'
import { openRestoreInput } from './open-restore-input.ts'
import type { RestorePlan, RestoreSettings } from './plan-restore.ts'
import { refuseOtherContent } from './refuse-other-content.ts'
import type { TableName } from './table-entries.ts'

export interface Filling {
  /** Of the database to be made. */
  name: string
  shape: DatabaseShape
  /** Its rows alone, in the whole structure; every table when absent. */
  table?: TableName | undefined
}

export interface Filled {
  rows: number
  restoreMs: number
  compareMs: number
  /** What could not be carried over from the live database, as sentences. */
  leftToDo: string[]
}

const runRestore = (
  settings: RestoreSettings,
  plan: RestorePlan,
  { name, shape, table }: Filling,
  signal: AbortSignal | undefined,
): Promise<string> =>
  withLibpqCredentials(settings.database, async (environment) => {
    const { input, listFile, close } = await openRestoreInput(settings, plan, table)
    try {
      const args = restoreArguments({ database: name, owner: shape.owner, listFile })
      return await runProgram(
        { programs: settings.programs, name: 'pg_restore', args, environment, input, signal },
        text,
      )
    } finally {
      await close()
    }
  })

/** What --no-owner left out. */
const ownPublicSchema = async (session: Session, owner: string): Promise<void> => {
  const [schema] = await session`select from pg_namespace where nspname = 'public'`
  if (schema !== undefined) await session.unsafe(`ALTER SCHEMA public OWNER TO ${sqlIdentifier(owner)}`)
}

/** Statistics come with no dump. */
const finishContent = (
  settings: RestoreSettings,
  plan: RestorePlan,
  { name, shape, table }: Filling,
): Promise<number> =>
  withSession(
    { settings: settings.database, database: name, lockTimeoutMs: settings.lockTimeoutMs },
    async (session) => {
      await ownPublicSchema(session, shape.owner)
      const rows = await refuseOtherContent(session, plan.manifest, table)
      await session`analyze`
      return rows
    },
  )

/** Makes a database out of a backup and compares it with the manifest. Whoever calls drops it when this fails. */
export const fillDatabase = async (
  settings: RestoreSettings,
  server: Session,
  plan: RestorePlan,
  filling: Filling,
  signal: AbortSignal | undefined,
): Promise<Filled> => {
  await server.unsafe(createDatabaseStatement(filling.name, filling.shape))
  const begin = performance.now()
  await runRestore(settings, plan, filling, signal)
  const restored = performance.now()
  const rows = await finishContent(settings, plan, filling)
  const compareMs = Math.round(performance.now() - restored)
  signal?.throwIfAborted()
  const leftToDo = await copyDatabaseShape(server, filling.name, filling.shape)
  return { rows, restoreMs: Math.round(restored - begin), compareMs, leftToDo }
}
