import { open, rename, type FileHandle } from 'node:fs/promises'

/** Syncs a folder: a created, renamed or removed name survives a power cut only after its folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Creates a file that must not exist yet, passes its handle to `use`, and closes it. */
export async function withNewFile<T>(file: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file, 'wx', 0o640)
  try {
    return await use(handle)
  } finally {
    await handle.close()
  }
}

/** Writes a file and syncs its content. */
export async function writeDurably(file: string, content: string): Promise<void> {
  const handle = await open(file, 'w', 0o640)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Replaces the file atomically: a reader sees the old content or the new one. */
export async function replaceDurably(file: string, content: string): Promise<void> {
  await writeDurably(`${file}.new`, content)
  await rename(`${file}.new`, file)
}
