import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { CommandError } from '../../errors.ts'
import { listStoredBackups, readStoredBackup, type StoredBackup } from './stored-backup.ts'

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

async function folderOf(backupsFolder: string, from: string): Promise<string | undefined> {
  // A name first, then a path to a backup folder or to a file in it.
  const candidates = [
    ...(from.includes('/') ? [] : [join(backupsFolder, from)]),
    resolve(from),
    dirname(resolve(from)),
  ]
  for (const candidate of candidates) {
    if ((await isFolder(candidate)) && (candidate !== dirname(resolve(from)) || from.includes('/')))
      return candidate
  }
  return undefined
}

async function newest(backupsFolder: string): Promise<StoredBackup | undefined> {
  return (await listStoredBackups(backupsFolder)).find(({ fault }) => fault === undefined)
}

/**
 * Finds a backup. `from` is a name in the backups folder, a path, or `latest`. Throws CommandError
 * `not_found`.
 */
export async function findBackup(backupsFolder: string, from: string): Promise<StoredBackup> {
  if (from === 'latest') {
    const found = await newest(backupsFolder)
    if (found !== undefined) return found
    throw new CommandError('not_found', 'there is no backup yet', { hint: 'take one: make backup' })
  }
  const folder = await folderOf(backupsFolder, from)
  if (folder !== undefined) return readStoredBackup(folder, basename(folder))
  throw new CommandError('not_found', `there is no backup '${from}'`, {
    hint: 'list what is there: make backups',
  })
}
