import { z } from 'zod'
import { readState, writeState } from '../../host/state-file.ts'
import { placeOf, type OffsitePlace } from './offsite-settings.ts'

const pruneSchema = z.object({
  place: z.string(),
  at: z.iso.datetime(),
  /** Reason why expired copies could not be removed, as a sentence. */
  fault: z.string().optional(),
})

export type PruneState = z.infer<typeof pruneSchema>

/** Portable backups and configuration archives: each kind has its own job for copy and removal. */
export type CopyKind = 'portable' | 'config'
export const copyKinds: CopyKind[] = ['portable', 'config']

const stateNames: Record<CopyKind, string> = { portable: 'offsite-prune', config: 'offsite-prune-config' }

/** Reads the result of the last removal at this place; undefined before the first one. */
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
