import { lockFolder } from '../../host/folder-lock.ts'

/**
 * Runs `work` under the off-site lock: each run continues from what the last one left on the storage. Does
 * not block new backups. Throws CommandError `busy`.
 */
export async function withOffsiteLock<T>(backupsFolder: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockFolder(backupsFolder, 'copies off-site', '.lock-offsite')
  try {
    return await work()
  } finally {
    await lock.release()
  }
}
