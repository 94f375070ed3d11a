import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hashFile } from '../../host/hash-file.ts'
import { isBackupName } from './backup-name.ts'
import { checksumsFileName, parseChecksums } from './checksums.ts'
import { manifestFileName, parseManifest, type Manifest } from './manifest.ts'
import { readReadBackNotes, type ReadBackNotes } from './read-back-notes.ts'

export interface StoredBackup {
  name: string
  folder: string
  manifest: Manifest | undefined
  /** Reason why the backup is damaged, as far as known without reading the dump. */
  fault: string | undefined
}

async function readOr(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}

async function sizeOr(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size
  } catch {
    return undefined
  }
}

async function fileFault(folder: string, { file, bytes }: Manifest['files'][number]) {
  const found = await sizeOr(join(folder, file))
  if (found === undefined) return `${file} is missing`
  return found === bytes ? undefined : `${file} has ${found} bytes instead of ${bytes}`
}

/** Returns true when the list names the manifest and its files, with equal checksums, and nothing else. */
export function isSameList(listed: Record<string, string>, { files }: Manifest): boolean {
  return (
    Object.keys(listed).length === files.length + 1 &&
    files.every(({ file, sha256 }) => listed[file] === sha256)
  )
}

async function faultOf(folder: string, manifest: Manifest | undefined): Promise<string | undefined> {
  if (manifest === undefined) return `${manifestFileName} is missing or cannot be read`
  const listed = parseChecksums(await readOr(join(folder, checksumsFileName)))
  if (listed === undefined) return `${checksumsFileName} is missing or cannot be read`
  if (listed[manifestFileName] !== (await hashFile(join(folder, manifestFileName))).sha256) {
    return `${manifestFileName} was changed`
  }
  if (!isSameList(listed, manifest)) return `${checksumsFileName} was changed`
  const faults = await Promise.all(manifest.files.map((file) => fileFault(folder, file)))
  return faults.find((fault) => fault !== undefined)
}

export async function readStoredBackup(folder: string, name: string): Promise<StoredBackup> {
  const manifest = parseManifest(await readOr(join(folder, manifestFileName)))
  return { name, folder, manifest, fault: await faultOf(folder, manifest) }
}

/** Lists all backups with a final name, damaged ones included, newest snapshot first. Ignores file times. */
export async function scanBackups(backupsFolder: string): Promise<StoredBackup[]> {
  const names = (await readdir(backupsFolder)).filter(isBackupName)
  const all = await Promise.all(names.map((name) => readStoredBackup(join(backupsFolder, name), name)))
  const timeOf = ({ name, manifest }: StoredBackup): string => `${manifest?.createdAt ?? ''} ${name}`
  return all.sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))
}

function withNote(backup: StoredBackup, notes: ReadBackNotes): StoredBackup {
  const note = notes[backup.name]
  const isFoundDamaged = note?.isIntact === false && note.sha256 === backup.manifest?.dump.sha256
  if (backup.fault !== undefined || !isFoundDamaged) return backup
  return {
    ...backup,
    fault: `${backup.manifest?.dump.file ?? ''} was changed, as was found on ${note.readAt.slice(0, 10)}`,
  }
}

/** Lists the same backups with the results of their last verification. */
export async function listStoredBackups(backupsFolder: string): Promise<StoredBackup[]> {
  const notes = await readReadBackNotes(backupsFolder)
  return (await scanBackups(backupsFolder)).map((backup) => withNote(backup, notes))
}
