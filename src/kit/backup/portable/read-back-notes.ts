import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'

const noteSchema = z.object({
  /** SHA-256 of the dump, from the manifest: the note is void when it changes. */
  sha256: z.string(),
  readAt: z.iso.datetime(),
  isIntact: z.boolean(),
})

const notesSchema = z.record(z.string(), noteSchema)

type ReadBackNote = z.infer<typeof noteSchema>
/** Time and result of the last verification, by backup name. */
export type ReadBackNotes = Record<string, ReadBackNote>

const stateName = 'read-back'

export async function readReadBackNotes(backupsFolder: string): Promise<ReadBackNotes> {
  return (await readState(backupsFolder, stateName, notesSchema)) ?? {}
}

export function writeReadBackNotes(backupsFolder: string, notes: ReadBackNotes): Promise<void> {
  return writeState(backupsFolder, stateName, notes)
}
