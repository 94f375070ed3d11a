import { CommandError } from '../../errors.ts'
import { readFailedDrill, type FailedDrill } from '../portable/failed-drill.ts'
import { findBackup } from '../portable/find-backup.ts'
import { listStoredBackups, type StoredBackup } from '../portable/stored-backup.ts'

export interface Restorable {
  backup: StoredBackup
  /** What a drill found that could not restore it. */
  failed: FailedDrill | undefined
  /** Newer ones that `latest` does not mean, since a drill could not restore them. */
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

/** With a search path that no drill had, what a drill found says nothing. */
export async function findRestorable(
  { backupsFolder, searchPath }: { backupsFolder: string; searchPath?: string | undefined },
  from: string,
): Promise<Restorable> {
  if (from === 'latest' && searchPath === undefined) return newestRestorable(backupsFolder)
  const backup = await findBackup(backupsFolder, from)
  return { backup, failed: await readFailedDrill(backup.folder), passedOver: [] }
}
