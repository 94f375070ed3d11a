import { z } from 'zod'
import { readState, writeState } from '../state-file.ts'
import { placeOf, type OffsitePlace } from './offsite-settings.ts'

const pruneSchema = z.object({
  place: z.string(),
  at: z.iso.datetime(),
  /** A sentence, when what has expired there could not be removed. */
  fault: z.string().optional(),
})

export type PruneState = z.infer<typeof pruneSchema>

const stateName = 'offsite-prune'

/** How the last removal at this place went; undefined before the first. */
export const readPruneState = async ({
  offsite,
  backupsFolder,
}: OffsitePlace): Promise<PruneState | undefined> => {
  const state = await readState(backupsFolder, stateName, pruneSchema)
  return state?.place === placeOf(offsite) ? state : undefined
}

export const writePruneState = (
  { offsite, backupsFolder }: OffsitePlace,
  fault: string | undefined,
): Promise<void> => {
  const state: PruneState = { place: placeOf(offsite), at: new Date().toISOString(), fault }
  return writeState(backupsFolder, stateName, state)
}
