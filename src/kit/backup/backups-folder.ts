import { access, constants } from 'node:fs/promises'
import { CommandError } from '../errors.ts'
import { join } from 'node:path'

function codeOf(err: unknown): string {
  return err instanceof Error && 'code' in err ? String(err.code) : ''
}

/**
 * Checks that this process may use the backups folder. Throws CommandError when it is missing or not
 * accessible.
 */
export async function requireFolder(folder: string, purpose: 'read' | 'write'): Promise<void> {
  try {
    await access(
      folder,
      purpose === 'read' ? constants.R_OK | constants.X_OK : constants.W_OK | constants.X_OK,
    )
  } catch (err) {
    const what = codeOf(err) === 'ENOENT' ? 'is not there' : `cannot be used to ${purpose} (${codeOf(err)})`
    throw new CommandError('failed', `the backups folder ${folder} ${what}`, {
      hint: 'make setup makes it and sets its owner; BACKUP_FOLDER names another',
      cause: err,
    })
  }
}

/** Returns the folder of the configuration archives, inside the backups folder. */
export function configFolderOf(backupsFolder: string): string {
  return join(backupsFolder, 'config')
}
