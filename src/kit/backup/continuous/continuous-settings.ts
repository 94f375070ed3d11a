import { join } from 'node:path'
import type { ServerSettings } from '../../postgres/postgres-options.ts'

export interface ContinuousSettings {
  /** The live server, as the role `backup`. */
  database: ServerSettings
  backupsFolder: string
  /** Of the live server, to be read only; pgBackRest wants it under the path that the server itself knows. */
  dataFolder: string
  /** In memory: here the configuration is written, with the keys in it. */
  runFolder: string
  /** ops/postgres/archive-config.sh */
  configScript: string
  /** What that script reads: where the repositories are, and where their keys lie. */
  environment: Record<string, string>
  searchPath: string
  /** Folder of the server's programs, or '' for the search path. */
  serverPrograms: string
  /** How long a storage may say nothing before it is asked again, three times at most; without it, what the script writes. */
  ioTimeoutSeconds?: number
}

/** Where ops/postgres/archive-roles.sql lets the role take base backups; no dump ever holds those grants. */
export const adminDatabase = 'postgres'

/** What pgBackRest calls this one server in every repository. */
export const stanza = 'slipway'

/** repo1 is the folder beside the backups; repo2 the off-site bucket, when there is one. */
export type RepositoryName = 'repo1' | 'repo2'

/** In the folder of the backups, mounted into the server as well. */
export const repositoryFolder = ({ backupsFolder }: ContinuousSettings): string =>
  join(backupsFolder, 'continuous')
