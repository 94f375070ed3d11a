import { open, rename, type FileHandle } from 'node:fs/promises'

/** A new or removed name survives a power cut only after its folder was synced too. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A file that was not there before, closed in any case. */
export async function withNewFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, 'wx', 0o640)
  try {
    return await use(handle)
  } finally {
    await handle.close()
  }
}

export async function writeDurably(file: string, content: string): Promise<void> {
  const handle = await open(file, 'w', 0o640)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Readers see the old content or the new one, never half of it. */
export async function replaceDurably(file: string, content: string): Promise<void> {
  await writeDurably(`${file}.new`, content)
  await rename(`${file}.new`, file)
}
