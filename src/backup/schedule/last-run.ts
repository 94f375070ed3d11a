import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceDurably } from '../durable-file.ts'

const lastRunSchema = z.object({
  endedAt: z.iso.datetime(),
  outcome: z.enum(['ok', 'failed']),
  /** What went wrong, by the name in the table of exit codes. */
  fault: z.string().optional(),
  sentence: z.string().optional(),
  durationMs: z.int().nonnegative(),
})

export type LastRun = z.infer<typeof lastRunSchema>

const lastRunFile = 'last-run.json'

/** Kept in a file, because a backup may also be taken by a process beside the one that answers /metrics. */
export const recordLastRun = (backupsFolder: string, run: LastRun): Promise<void> =>
  replaceDurably(join(backupsFolder, lastRunFile), `${JSON.stringify(run, null, 2)}\n`)

export const readLastRun = async (backupsFolder: string): Promise<LastRun | undefined> => {
  try {
    const parsed = lastRunSchema.safeParse(
      JSON.parse(await readFile(join(backupsFolder, lastRunFile), 'utf8')),
    )
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
