import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { takeAdvisoryLock } from '../advisory-lock.ts'
import { refuseOtherRows } from './compare-rows.ts'
import { copyDatabaseShape } from './copy-database-shape.ts'
import { countRows, listDatabaseNames } from '../portable/database-facts.ts'
import { namesMadeFrom } from './database-names.ts'
import { createDatabaseStatement, readDatabaseShape } from './database-shape.ts'
import { dropDatabase } from './drop-database.ts'
import { withLibpqCredentials } from '../libpq-credentials.ts'
import { restoreArguments } from '../portable/pg-arguments.ts'
import type { RestorePlan, RestoreSettings } from './plan-restore.ts'
import { runProgram } from '../run-program.ts'
import { backendOf, refuseAnotherBackend, withSession, type Session } from '../session.ts'
import { sqlIdentifier } from '../sql-identifier.ts'

const runRestore = (
  settings: RestoreSettings,
  plan: RestorePlan,
  fresh: string,
  signal: AbortSignal | undefined,
): Promise<string> =>
  withLibpqCredentials(settings.database, (environment) =>
    runProgram(
      {
        programs: settings.programs,
        name: 'pg_restore',
        args: restoreArguments({
          file: join(plan.folder, plan.manifest.dump.file),
          database: fresh,
          owner: plan.live.owner,
        }),
        environment,
        signal,
      },
      text,
    ),
  )

/** What --no-owner left out, the rows against the manifest, and statistics, which no dump carries. */
const finishContent = (settings: RestoreSettings, plan: RestorePlan, fresh: string): Promise<void> =>
  withSession(
    { settings: settings.database, database: fresh, lockTimeoutMs: settings.lockTimeoutMs },
    async (session) => {
      const [schema] = await session`select from pg_namespace where nspname = 'public'`
      if (schema !== undefined)
        await session.unsafe(`ALTER SCHEMA public OWNER TO ${sqlIdentifier(plan.live.owner)}`)
      refuseOtherRows(plan.manifest.tables, await countRows(session))
      await session`analyze`
    },
  )

const sweepHalfMade = async (session: Session, live: string): Promise<void> => {
  for (const name of namesMadeFrom(live, 'restore', await listDatabaseNames(session)))
    await dropDatabase(session, name)
}

/**
 * Makes database `fresh` out of the backup, with the settings and grants of the live one. The lock keeps migrations and
 * dumps away from the live database meanwhile. Returns what could not be carried over, as sentences.
 */
export const fillFreshDatabase = (
  settings: RestoreSettings,
  plan: RestorePlan,
  fresh: string,
  signal?: AbortSignal,
): Promise<string[]> =>
  withSession({ settings: settings.database, lockTimeoutMs: settings.lockTimeoutMs }, async (session) => {
    const backend = await backendOf(session)
    await takeAdvisoryLock(session)
    await sweepHalfMade(session, plan.live.name)
    const shape = await readDatabaseShape(session)
    await session.unsafe(createDatabaseStatement(fresh, shape))
    await runRestore(settings, plan, fresh, signal)
    await finishContent(settings, plan, fresh)
    const leftToDo = await copyDatabaseShape(session, fresh, shape)
    await refuseAnotherBackend(session, backend)
    return leftToDo
  })
