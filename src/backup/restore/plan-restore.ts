import type { DatabaseSettings } from '../../db/postgres-options.ts'
import { BackupError } from '../backup-error.ts'
import { majorOf, readClientVersion, refuseOtherMajor } from '../client-version.ts'
import { listDatabaseNames, readDatabaseFacts, type DatabaseFacts } from '../portable/database-facts.ts'
import { namesMadeFrom } from './database-names.ts'
import { findBackup } from '../portable/find-backup.ts'
import type { Manifest } from '../portable/manifest.ts'
import type { Programs } from '../run-program.ts'
import { withSession } from '../session.ts'
import { verifyBackup } from '../portable/verify-backup.ts'

export interface RestoreSettings {
  /** Of a role that owns the live database and may create others. */
  database: DatabaseSettings
  backupsFolder: string
  programs: Programs
  lockTimeoutMs: number
}

export interface RestoreRequest {
  /** A name, a path, or `latest`. */
  from: string
  /** The backup may be of a database with another name. */
  isOtherDatabaseAllowed: boolean
}

export interface RestorePlan {
  manifest: Manifest
  /** Where the files of the backup are. */
  folder: string
  live: DatabaseFacts
  /** Former live databases that earlier restores have set aside, the oldest first. */
  setAside: string[]
}

/** Exported for its test: no machine has two majors at hand. */
export const refuseUnfitting = (
  backup: { database: string; serverVersion: string },
  live: { name: string; serverVersion: string },
  isOtherDatabaseAllowed: boolean,
): void => {
  if (majorOf(backup.serverVersion) > majorOf(live.serverVersion)) {
    throw new BackupError(
      'version_mismatch',
      `the backup is of PostgreSQL ${backup.serverVersion} and the server is older: ${live.serverVersion}`,
      'restore into a server of the same or a later major',
    )
  }
  if (backup.database !== live.name && !isOtherDatabaseAllowed) {
    throw new BackupError(
      'refused',
      `the backup is of database '${backup.database}' and the live one is '${live.name}'`,
      'add --other-database if that is what you want',
    )
  }
}

/** Verifies the backup and looks at the live database; changes nothing. */
export const planRestore = async (
  settings: RestoreSettings,
  request: RestoreRequest,
): Promise<RestorePlan> => {
  const backup = await findBackup(settings.backupsFolder, request.from)
  const manifest = await verifyBackup(backup, settings.programs)
  const client = await readClientVersion(settings.programs, 'pg_restore')
  return withSession(
    { settings: settings.database, lockTimeoutMs: settings.lockTimeoutMs },
    async (session) => {
      const live = await readDatabaseFacts(session)
      refuseOtherMajor(client, live.serverVersion)
      refuseUnfitting(
        { database: manifest.database.name, serverVersion: manifest.serverVersion },
        live,
        request.isOtherDatabaseAllowed,
      )
      const setAside = namesMadeFrom(live.name, 'swap', await listDatabaseNames(session))
      return { manifest, folder: backup.folder, live, setAside }
    },
  )
}
