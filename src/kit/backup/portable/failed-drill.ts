import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceDurably } from '../../host/durable-file.ts'
import type { DrillRecord } from './drill-record.ts'

/**
 * File that a failed drill writes beside its backup and a successful one removes. Not part of the
 * checksums.
 */
const failedDrillFileName = 'failed-drill.json'

const schema = z.object({ failedAt: z.iso.datetime(), sentence: z.string() })

export type FailedDrill = z.infer<typeof schema>

/** Reads the note of a failed drill. Returns undefined without a readable note. */
export async function readFailedDrill(backupFolder: string): Promise<FailedDrill | undefined> {
  try {
    const parsed = schema.safeParse(
      JSON.parse(await readFile(join(backupFolder, failedDrillFileName), 'utf8')),
    )
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** Returns true when the backup caused the failure, not the drill, its disk or its timeout. */
function isOfBackup({ fault, sentence = '', differences }: DrillRecord): boolean {
  return (
    differences.length > 0 ||
    (fault === 'failed' &&
      /^pg_restore ended with exit code/.test(sentence) &&
      !/shared memory/.test(sentence))
  )
}

/**
 * Writes the note of a failed drill beside its backup, when the backup caused the failure. A successful
 * drill removes the note.
 */
export async function noteDrill(backupsFolder: string, record: DrillRecord): Promise<void> {
  if (record.kind !== 'portable' || record.subject === '') return
  const file = join(backupsFolder, record.subject, failedDrillFileName)
  if (record.ok) return rm(file, { force: true })
  if (!isOfBackup(record)) return
  const note: FailedDrill = { failedAt: record.endedAt, sentence: record.sentence ?? '' }
  await replaceDurably(file, `${JSON.stringify(note, null, 2)}\n`)
}
