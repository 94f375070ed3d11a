import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import { readIdentity, readRecipients, type EncryptionSettings } from '../encryption/encryption-settings.ts'
import { lockFolder } from '../../host/folder-lock.ts'
import { createBackupName } from '../portable/backup-name.ts'
import { listArchives, sweepLeftovers } from './archive-files.ts'
import { configFolderOf } from '../backups-folder.ts'
import { collectState } from './collect-state.ts'
import { describeEntries, holdsTheSame, type ConfigEntry, type ConfigManifest } from './config-manifest.ts'
import { openArchive } from './open-archive.ts'
import { pruneArchives } from './prune-archives.ts'
import type { TarEntry } from './tar-format.ts'
import { writeArchive } from './write-archive.ts'

export interface ArchiveSettings {
  backupsFolder: string
  encryption: EncryptionSettings
  slipwayVersion: string
  revision: string
}

export interface ArchiveRequest {
  /** Holds `env`, `secrets/` and `caddy_data/`. */
  stateFolder: string
  /** Skips the archive when the newest one has the same content. */
  isOnlyWhenChanged: boolean
}

export interface ArchiveOutcome {
  name: string
  files: number
  isNew: boolean
}

async function recipientsOf(encryption: EncryptionSettings): Promise<string[]> {
  const recipients = await readRecipients(encryption)
  if (recipients !== null) return recipients
  throw new CommandError(
    'refused',
    'secrets are archived encrypted or not at all, and BACKUP_ENCRYPTION is off',
    { hint: 'BACKUP_ENCRYPTION=on in .env, then: make up, which makes the keys' },
  )
}

function describe(settings: ArchiveSettings, entries: TarEntry[]): ConfigManifest {
  const at = new Date()
  const { slipwayVersion, revision } = settings
  const env = entries.find(({ path }) => path === 'env')
  return {
    format: 1,
    name: createBackupName(at),
    createdAt: at.toISOString(),
    slipwayVersion,
    revision,
    operator: { uid: env?.uid ?? 0, gid: env?.gid ?? 0 },
    entries: describeEntries(entries),
  }
}

/** Returns the name of the newest archive when the host key opens it and its content equals `entries`. */
async function findSame(
  folder: string,
  entries: ConfigEntry[],
  encryption: EncryptionSettings,
): Promise<string | undefined> {
  const [newest] = await listArchives(folder)
  if (newest === undefined) return undefined
  try {
    const identity = await readIdentity(encryption)
    const { manifest } = await openArchive(join(folder, newest), {
      identity,
      searchPath: encryption.searchPath,
    })
    return holdsTheSame(manifest, entries) ? manifest.name : undefined
  } catch (err) {
    // A new archive replaces one that cannot be opened.
    if (err instanceof CommandError) return undefined
    throw err
  }
}

/**
 * Archives what a new machine needs beside the database: .env, secrets and Caddy's data. Locks the folder,
 * encrypts, verifies by reading back, then renames into place. Throws CommandError; on failure the folder
 * is unchanged.
 */
export async function createArchive(
  settings: ArchiveSettings,
  { stateFolder, isOnlyWhenChanged }: ArchiveRequest,
): Promise<ArchiveOutcome> {
  const { encryption, backupsFolder } = settings
  const recipients = await recipientsOf(encryption)
  const folder = configFolderOf(backupsFolder)
  await mkdir(folder, { recursive: true, mode: 0o770 })
  const lock = await lockFolder(folder, 'archive of the configuration')
  try {
    await sweepLeftovers(folder)
    const entries = await collectState(stateFolder)
    const files = entries.filter(({ kind }) => kind === 'file').length
    const manifest = describe(settings, entries)
    const same = isOnlyWhenChanged ? await findSame(folder, manifest.entries, encryption) : undefined
    if (same !== undefined) return { name: same, files, isNew: false }
    await writeArchive(folder, { manifest, entries }, { recipients, encryption })
    await pruneArchives(folder)
    return { name: manifest.name, files, isNew: true }
  } finally {
    await lock.release()
  }
}
