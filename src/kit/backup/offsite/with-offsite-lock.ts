import { lockFolder } from '../../host/folder-lock.ts'

/** One at a time: the next one begins by what the one before it has left there. Backups are taken meanwhile. */
export async function withOffsiteLock<T>(backupsFolder: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockFolder(backupsFolder, 'copies off-site', '.lock-offsite')
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
