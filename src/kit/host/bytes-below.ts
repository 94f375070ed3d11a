import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch {
    // It went away while we looked.
    return 0
  }
}

/** Of all files in a folder and in those below it, while others write there. */
export async function bytesBelow(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(({ parentPath, name }) => sizeOf(join(parentPath, name))))
  return sizes.reduce((sum, bytes) => sum + bytes, 0)
}
