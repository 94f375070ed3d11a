import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceDurably } from '../../host/durable-file.ts'
import { placeOf, type OffsiteSettings } from './offsite-settings.ts'

/** File beside a backup with a verified copy. Not part of the checksums. */
export const offsiteNoteName = 'offsite.json'

const noteSchema = z.object({
  /** Endpoint, bucket and prefix. */
  place: z.string(),
  /** SHA-256 of the manifest of the copied backup. */
  manifestSha256: z.string(),
  readBackAt: z.iso.datetime(),
})

type OffsiteNote = z.infer<typeof noteSchema>

export async function readOffsiteNote(backupFolder: string): Promise<OffsiteNote | undefined> {
  try {
    const content = await readFile(join(backupFolder, offsiteNoteName), 'utf8')
    const parsed = noteSchema.safeParse(JSON.parse(content))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

export async function writeOffsiteNote(
  backupFolder: string,
  settings: OffsiteSettings,
  manifestSha256: string,
): Promise<void> {
  const note: OffsiteNote = {
    place: placeOf(settings),
    manifestSha256,
    readBackAt: new Date().toISOString(),
  }
  await replaceDurably(join(backupFolder, offsiteNoteName), `${JSON.stringify(note, null, 2)}\n`)
}

/** Removes the note of a copy that is missing or damaged. */
export function dropOffsiteNote(backupFolder: string): Promise<void> {
  return rm(join(backupFolder, offsiteNoteName), { force: true })
}
