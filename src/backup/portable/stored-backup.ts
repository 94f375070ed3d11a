import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isBackupName } from './backup-name.ts'
import {
  checksumsFileName,
  dumpFileName,
  manifestFileName,
  parseChecksums,
  parseManifest,
  type Manifest,
} from './manifest.ts'
import { hashFile } from '../hash-file.ts'
import { readReadBackNotes, type ReadBackNotes } from './read-back-notes.ts'

export interface StoredBackup {
  name: string
  folder: string
  manifest: Manifest | undefined
  /** Why it cannot be trusted, as far as that shows without reading the dump itself. */
  fault: string | undefined
}

const readOr = async (file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return ''
  }
}

const sizeOr = async (file: string): Promise<number | undefined> => {
  try {
    return (await stat(file)).size
  } catch {
    return undefined
  }
}

const faultOf = async (folder: string, manifest: Manifest | undefined): Promise<string | undefined> => {
  if (manifest === undefined) return `${manifestFileName} is missing or cannot be read`
  const listed = parseChecksums(await readOr(join(folder, checksumsFileName)))
  if (listed === undefined) return `${checksumsFileName} is missing or cannot be read`
  if (listed[manifestFileName] !== (await hashFile(join(folder, manifestFileName))).sha256) {
    return `${manifestFileName} was changed`
  }
  if (listed[dumpFileName] !== manifest.dump.sha256) return `${checksumsFileName} was changed`
  const bytes = await sizeOr(join(folder, dumpFileName))
  if (bytes === undefined) return `${dumpFileName} is missing`
  return bytes === manifest.dump.bytes
    ? undefined
    : `${dumpFileName} has ${bytes} bytes instead of ${manifest.dump.bytes}`
}

export const readStoredBackup = async (folder: string, name: string): Promise<StoredBackup> => {
  const manifest = parseManifest(await readOr(join(folder, manifestFileName)))
  return { name, folder, manifest, fault: await faultOf(folder, manifest) }
}

/** Everything under a final name, the newest first by the time of its snapshot; file times say when it was copied here. */
export const scanBackups = async (backupsFolder: string): Promise<StoredBackup[]> => {
  const names = (await readdir(backupsFolder)).filter(isBackupName)
  const all = await Promise.all(names.map((name) => readStoredBackup(join(backupsFolder, name), name)))
  const timeOf = ({ name, manifest }: StoredBackup): string => `${manifest?.createdAt ?? ''} ${name}`
  return all.sort((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1))
}

const withNote = (backup: StoredBackup, notes: ReadBackNotes): StoredBackup => {
  const note = notes[backup.name]
  const isFoundDamaged = note?.isIntact === false && note.sha256 === backup.manifest?.dump.sha256
  if (backup.fault !== undefined || !isFoundDamaged) return backup
  return { ...backup, fault: `${dumpFileName} was changed, as was found on ${note.readAt.slice(0, 10)}` }
}

/** The same, with what was found when they were last read to their last byte. */
export const listStoredBackups = async (backupsFolder: string): Promise<StoredBackup[]> => {
  const notes = await readReadBackNotes(backupsFolder)
  return (await scanBackups(backupsFolder)).map((backup) => withNote(backup, notes))
}
