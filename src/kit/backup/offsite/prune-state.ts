import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'
import { placeOf, type OffsitePlace } from './offsite-settings.ts'

const pruneSchema = z.object({
  place: z.string(),
  at: z.iso.datetime(),
  /** A sentence, when what has expired there could not be removed. */
  fault: z.string().optional(),
})

export type PruneState = z.infer<typeof pruneSchema>

/** Backups, and archives of the configuration: each is copied, and removed, by a job of its own. */
export type CopyKind = 'portable' | 'config'
export const copyKinds: CopyKind[] = ['portable', 'config']

const stateNames: Record<CopyKind, string> = { portable: 'offsite-prune', config: 'offsite-prune-config' }

/** How the last removal at this place went; undefined before the first. */
export async function readPruneState(
  { offsite, backupsFolder }: OffsitePlace,
  kind: CopyKind,
): Promise<PruneState | undefined> {
  const state = await readState(backupsFolder, stateNames[kind], pruneSchema)
  return state?.place === placeOf(offsite) ? state : undefined
}

export function writePruneState(
  { offsite, backupsFolder }: OffsitePlace,
  kind: CopyKind,
  fault: string | undefined,
): Promise<void> {
  const state: PruneState = { place: placeOf(offsite), at: new Date().toISOString(), fault }
  return writeState(backupsFolder, stateNames[kind], state)
}
