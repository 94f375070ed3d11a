import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isPartialName, partialSuffix } from './backup-name.ts'
import { syncFolder } from '../../host/durable-file.ts'

/** Removes the partial folders of killed runs. The caller holds the lock of the folder. */
export async function sweepPartials(backupsFolder: string): Promise<string[]> {
  const partials = (await readdir(backupsFolder)).filter(isPartialName)
  for (const name of partials) await rm(join(backupsFolder, name), { recursive: true })
  return partials
}

/** Lets `fill` write a folder under a partial name, then renames it. Removes the folder on an error. */
export async function writeAtomically<T>(
  backupsFolder: string,
  name: string,
  fill: (folder: string) => Promise<T>,
): Promise<T> {
  const partial = join(backupsFolder, `${name}${partialSuffix}`)
  await mkdir(partial, { mode: 0o750 })
  try {
    const made = await fill(partial)
    await syncFolder(partial)
    await rename(partial, join(backupsFolder, name))
    await syncFolder(backupsFolder)
    return made
  } catch (err) {
    await rm(partial, { recursive: true, force: true })
    throw err
  }
}
