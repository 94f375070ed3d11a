import { CommandError } from '../../errors.ts'
import { listDatabaseNames } from '../portable/database-facts.ts'
import { withSession } from '../../postgres/session.ts'
import { restoreNames } from './database-names.ts'
import { listKeptDatabases, type KeptDatabase } from './kept-databases.ts'
import { withRestoreSessions, type RestoreSessions, type SessionSettings } from './restore-sessions.ts'
import { swapDatabases } from './swap-databases.ts'

export interface UndoPlan {
  live: string
  isLiveThere: boolean
  /** Database that becomes live again: the one set aside last. */
  back: KeptDatabase
}

export interface UndoOutcome {
  live: string
  back: string
  /** New name of the database that was live; undefined when there was none. A second undo swaps back. */
  previous: string | undefined
}

async function planWith({ server, liveName, liveState }: RestoreSessions): Promise<UndoPlan> {
  const back = (await listKeptDatabases(server, liveName)).at(-1)
  if (back !== undefined) return { live: liveName, isLiveThere: liveState !== 'missing', back }
  throw new CommandError(
    'not_found',
    'there is nothing to go back to: no database was set aside by a restore',
    { hint: 'make backups lists what can be restored' },
  )
}

/** Returns what undoRestore would swap. Changes nothing. */
export function planUndo(settings: SessionSettings): Promise<UndoPlan> {
  return withRestoreSessions(settings, 'none', planWith)
}

/** Throws CommandError when the database cannot be opened: it is about to replace the live one. */
async function refuseBroken({ database, lockTimeoutMs }: SessionSettings, name: string): Promise<void> {
  try {
    await withSession(
      { settings: database, database: name, lockTimeoutMs },
      (session) => session`select count(*) from pg_class`,
    )
  } catch (err) {
    throw new CommandError('failed', `the database that was set aside cannot be opened: ${name}`, {
      hint: 'restore a backup instead: make restore FROM=latest',
      cause: err,
    })
  }
}

/**
 * Swaps the names back. Rows written since the restore stay in the database that is now set aside. Throws
 * CommandError.
 */
export function undoRestore(settings: SessionSettings): Promise<UndoOutcome> {
  return withRestoreSessions(settings, 'exclusive', async (sessions) => {
    const { live, isLiveThere, back } = await planWith(sessions)
    await refuseBroken(settings, back.name)
    const taken = await listDatabaseNames(sessions.server)
    const names = { ...restoreNames(live, new Date(), taken), fresh: back.name }
    await sessions.leaveLive()
    await swapDatabases(sessions, names)
    return { live, back: back.name, previous: isLiveThere ? names.previous : undefined }
  })
}
