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

/** Settings of a restore. The role owns the live database and may create others. */
export interface RestoreSettings extends SessionSettings {
  backupsFolder: string
  programs: Programs
  encryption: EncryptionSettings
  /** Comma-separated schemas for the search path during the restore. */
  searchPath?: string | undefined
  /** Progress reporter; set only on a terminal. */
  progress?: OpenProgress | undefined
}

export interface RestoreRequest {
  /** A name, a path, or `latest`. */
  from: string
  /** Accepts a backup of a database with another name. */
  isOtherDatabaseAllowed: boolean
  /** Free bytes on the disk of the server, measured by a process with access to it. */
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

/** Verifies the backup and the preconditions on the server. Changes nothing. Throws CommandError. */
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
