import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'

const noteSchema = z.object({
  /** Of the manifest, so that a note does not outlive what it was made of. */
  sha256: z.string(),
  readAt: z.iso.datetime(),
  isIntact: z.boolean(),
})

const notesSchema = z.record(z.string(), noteSchema)

type ReadBackNote = z.infer<typeof noteSchema>
/** By the name of the backup: when it was last read to its last byte, and whether it was right. */
export type ReadBackNotes = Record<string, ReadBackNote>

const stateName = 'read-back'

export async function readReadBackNotes(backupsFolder: string): Promise<ReadBackNotes> {
  return (await readState(backupsFolder, stateName, notesSchema)) ?? {}
}

export function writeReadBackNotes(backupsFolder: string, notes: ReadBackNotes): Promise<void> {
  return writeState(backupsFolder, stateName, notes)
}
