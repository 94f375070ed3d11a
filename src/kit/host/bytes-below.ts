import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch {
    // Removed since the folder was listed.
    return 0
  }
}

/** Returns the total size of all files in a folder and its subfolders, while other processes write there. */
export async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(({ parentPath, name }) => sizeOf(join(parentPath, name))))
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}
