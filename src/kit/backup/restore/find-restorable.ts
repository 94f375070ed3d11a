import { CommandError } from '../../errors.ts'
import { readFailedDrill, type FailedDrill } from '../portable/failed-drill.ts'
import { findBackup } from '../portable/find-backup.ts'
import { listStoredBackups, type StoredBackup } from '../portable/stored-backup.ts'

export interface Restorable {
  backup: StoredBackup
  /** Result of a failed drill of this backup. */
  failed: FailedDrill | undefined
  /** Newer backups that `latest` skips because a drill could not restore them. */
  passedOver: string[]
}

async function newestRestorable(backupsFolder: string): Promise<Restorable> {
  const stored = (await listStoredBackups(backupsFolder)).filter(({ fault }) => fault === undefined)
  const passedOver: string[] = []
  for (const backup of stored) {
    if ((await readFailedDrill(backup.folder)) === undefined) return { backup, failed: undefined, passedOver }
    passedOver.push(backup.name)
  }
  const [newest] = passedOver
  if (newest === undefined)
    throw new CommandError('not_found', 'there is no backup yet', { hint: 'take one: make backup' })
  throw new CommandError('refused', `a drill could not restore any of the ${passedOver.length} backups`, {
    hint: `name one: make restore FROM=${newest} SEARCH_PATH=public; make drill says what is wrong with it`,
  })
}

/**
 * Finds the backup to restore. With `searchPath` set, `latest` does not skip backups whose drill failed:
 * the drill ran without that search path.
 */
export async function findRestorable(
  { backupsFolder, searchPath }: { backupsFolder: string; searchPath?: string | undefined },
  from: string,
): Promise<Restorable> {
  if (from === 'latest' && searchPath === undefined) return newestRestorable(backupsFolder)
  const backup = await findBackup(backupsFolder, from)
  return { backup, failed: await readFailedDrill(backup.folder), passedOver: [] }
}
