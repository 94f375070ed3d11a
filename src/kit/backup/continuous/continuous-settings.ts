import { join } from 'node:path'
import type { ServerSettings } from '../../postgres/postgres-options.ts'

export interface ContinuousSettings {
  /** Connection to the live server as role `backup`. */
  database: ServerSettings
  backupsFolder: string
  /** Data folder of the live server, read-only. pgBackRest requires the same path as the server's. */
  dataFolder: string
  /** Folder in memory (tmpfs) for the pgBackRest configuration, which holds keys. */
  runFolder: string
  /** Path of ops/postgres/archive-config.sh. */
  configScript: string
  /** Environment of that script: locations of the repositories and of their key files. */
  environment: Record<string, string>
  searchPath: string
  /** Folder of the PostgreSQL server programs; '' for the search path. */
  serverPrograms: string
  /** I/O timeout of pgBackRest; it retries up to three times. Default: the value in the script. */
  ioTimeoutSeconds?: number
}

/**
 * ops/postgres/archive-roles.sql grants the base backup functions in this database. No dump contains these
 * grants.
 */
export const adminDatabase = 'postgres'

/** Name of this server in every pgBackRest repository. */
export const stanza = 'slipway'

/** repo1 is the folder beside the backups; repo2 is the off-site bucket, if configured. */
export type RepositoryName = 'repo1' | 'repo2'

/** Returns the folder of repo1, inside the backups folder. The server mounts it too. */
export function repositoryFolder({ backupsFolder }: ContinuousSettings): string {
  return join(backupsFolder, 'continuous')
}
