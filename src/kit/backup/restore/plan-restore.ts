import { readClientVersion, refuseOtherMajor } from '../../postgres/client-version.ts'
import type { Manifest } from '../portable/manifest.ts'
import { dumpKeys } from '../portable/dump-keys.ts'
import type { EncryptionSettings } from '../encryption/encryption-settings.ts'
import { verifyBackup } from '../portable/verify-backup.ts'
import type { OpenProgress } from '../../host/progress.ts'
import type { Programs } from '../../postgres/run-program.ts'
import { findRestorable, type Restorable } from './find-restorable.ts'
import { listKeptDatabases, sizeOfDatabase, type KeptDatabase } from './kept-databases.ts'
import {
  refuseFewConnections,
  refuseForeignDatabase,
  refuseFullDataDisk,
  refuseMissingExtensions,
  refuseMissingRoles,
  refuseNewerBackup,
} from './refuse-restore.ts'
import {
  withRestoreSessions,
  type LiveState,
  type RestoreSessions,
  type SessionSettings,
} from './restore-sessions.ts'
import { readServerFacts, type ServerFacts } from './server-facts.ts'

/** The database of a role that owns the live one and may create others. */
export interface RestoreSettings extends SessionSettings {
  backupsFolder: string
  programs: Programs
  encryption: EncryptionSettings
  /** Names of schemas, with commas, that are found without their name while the backup is loaded. */
  searchPath?: string | undefined
  /** Where somebody looks on. */
  progress?: OpenProgress | undefined
}

export interface RestoreRequest {
  /** A name, a path, or `latest`. */
  from: string
  /** The backup may be of a database with another name. */
  isOtherDatabaseAllowed: boolean
  /** On the disk of the server, as somebody saw who can look there. */
  dataFreeBytes: number | undefined
}

export interface RestorePlan extends Restorable {
  manifest: Manifest
  live: { name: string; state: LiveState; bytes: number | undefined }
  serverVersion: string
  kept: KeptDatabase[]
}

function refuseWhatCannotWork(
  { database, serverVersion, roles }: Manifest,
  server: ServerFacts,
  { dataFreeBytes }: RestoreRequest,
): void {
  refuseNewerBackup(serverVersion, server.version)
  refuseMissingExtensions(
    database.extensions.map(({ name }) => name),
    server.extensions,
  )
  refuseMissingRoles(roles ?? [], server.roles)
  refuseFullDataDisk(dataFreeBytes, database.bytes)
  refuseFewConnections(server.freeConnections)
}

async function planFor(
  { server, liveName, liveState }: RestoreSessions,
  found: Restorable,
  manifest: Manifest,
  facts: ServerFacts,
): Promise<RestorePlan> {
  return {
    ...found,
    manifest,
    live: { name: liveName, state: liveState, bytes: await sizeOfDatabase(server, liveName) },
    serverVersion: facts.version,
    kept: await listKeptDatabases(server, liveName),
  }
}

/** Verifies the backup and looks at the server; changes nothing. */
export async function planRestore(settings: RestoreSettings, request: RestoreRequest): Promise<RestorePlan> {
  const found = await findRestorable(settings, request.from)
  const manifest = await verifyBackup(found.backup, settings.programs, dumpKeys(settings.encryption))
  const client = await readClientVersion(settings.programs, 'pg_restore')
  return withRestoreSessions(settings, 'none', async (sessions) => {
    const facts = await readServerFacts(sessions.server)
    refuseOtherMajor(client, facts.version)
    refuseForeignDatabase(manifest.database.name, sessions.liveName, request.isOtherDatabaseAllowed)
    refuseWhatCannotWork(manifest, facts, request)
    return planFor(sessions, found, manifest, facts)
  })
}
