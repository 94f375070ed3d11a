import { CommandError } from '../../errors.ts'
import { listDatabaseNames } from '../portable/database-facts.ts'
import type { Manifest } from '../portable/manifest.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'
import { compactTime, freshName, longestIdentifierBytes } from './database-names.ts'
import { fillDatabase, type Filled } from './fill-database.ts'
import { planRestore, type RestoreRequest, type RestoreSettings } from './plan-restore.ts'
import { shapeFor } from './restore-backup.ts'
import { withRestoreSessions } from './restore-sessions.ts'
import { dropUnlessFilled, sweepHalfMade } from './sweep-half-made.ts'
import { findTable, type TableName } from './table-entries.ts'

export interface BesideRequest extends RestoreRequest {
  /** Database to create; undefined for a name with the time. */
  into: string | undefined
  table: TableName | undefined
}

export interface BesideOutcome extends Filled {
  manifest: Manifest
  into: string
  live: string
  table: TableName | undefined
}

function refuseName(into: string, taken: string[]): void {
  if (taken.includes(into)) {
    throw new CommandError('refused', `there is a database '${into}' already`, {
      hint: 'choose another name, or drop that one first',
    })
  }
  if (into === '' || Buffer.byteLength(into) > longestIdentifierBytes) {
    throw new CommandError(
      'refused',
      `a name of a database has 1 to ${longestIdentifierBytes} bytes (got ${Buffer.byteLength(into)})`,
      { hint: 'choose a shorter one' },
    )
  }
}

/**
 * Restores into a new database and changes no other. Renames it last, so a database with the final name is
 * complete. Throws CommandError.
 */
export async function restoreBeside(
  settings: RestoreSettings,
  request: BesideRequest,
  signal?: AbortSignal,
): Promise<BesideOutcome> {
  const plan = await planRestore(settings, request)
  const { manifest } = plan
  const { table } = request
  if (table !== undefined) findTable(manifest, table)
  return withRestoreSessions(settings, 'beside', async (sessions) => {
    const { server, liveName } = sessions
    const into = request.into ?? `${liveName}_table_${compactTime(new Date())}`
    refuseName(into, await listDatabaseNames(server))
    await sweepHalfMade(sessions)
    // Access for the owner only: the copy contains customers' data.
    const shape = { ...(await shapeFor(sessions, manifest)), grants: [], comment: null, roleSettings: [] }
    const name = freshName(liveName)
    const filled = await dropUnlessFilled(sessions, name, async () => {
      const made = await fillDatabase(settings, server, plan, { name, shape, table }, signal)
      await server.unsafe(`ALTER DATABASE ${sqlIdentifier(name)} RENAME TO ${sqlIdentifier(into)}`)
      return made
    })
    return { ...filled, manifest, into, live: liveName, table }
  })
}
