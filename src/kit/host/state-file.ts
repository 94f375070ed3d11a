import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { replaceDurably } from './durable-file.ts'

/** What one process notes and another one reads: the schedule, a backup by hand, a drill, the metrics. */
const stateFolder = 'state'

export async function writeState(backupsFolder: string, name: string, content: unknown): Promise<void> {
  const folder = join(backupsFolder, stateFolder)
  await mkdir(folder, { recursive: true, mode: 0o750 })
  await replaceDurably(join(folder, `${name}.json`), `${JSON.stringify(content, null, 2)}\n`)
}

/** undefined when it is not there, cut short, or of a form that this version does not know. */
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
