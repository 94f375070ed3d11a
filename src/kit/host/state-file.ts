import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { replaceDurably } from './durable-file.ts'

/** Folder of the files that one process writes and another reads: schedule, manual backups, drills, metrics. */
const stateFolder = 'state'

/** Replaces a state file atomically. */
export async function writeState(backupsFolder: string, name: string, content: unknown): Promise<void> {
  const folder = join(backupsFolder, stateFolder)
  await mkdir(folder, { recursive: true, mode: 0o750 })
  await replaceDurably(join(folder, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`)
}

/** Reads a state file. Returns undefined when it is missing, truncated or of an unknown form. */
export async function readState<T>(
  backupsFolder: string,
  name: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  try {
    const content = await readFile(join(backupsFolder, stateFolder, `${name}.json`), 'utf8')
    const parsed = schema.safeParse(JSON.parse(content))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
