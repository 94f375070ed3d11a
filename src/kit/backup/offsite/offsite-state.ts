import { z } from 'zod'
import { backupReasons, bytesOf, type Manifest } from '../portable/manifest.ts'
import type { Candidate } from '../portable/choose-expired.ts'
import { readState, writeState } from '../../host/state-file.ts'
import { placeOf, type OffsiteSettings } from './offsite-settings.ts'

const copySchema = z.object({
  createdAt: z.iso.datetime(),
  reason: z.enum(backupReasons).nullable(),
  bytes: z.number(),
  /** Time and result of the last verification. */
  readAt: z.iso.datetime(),
  isIntact: z.boolean(),
})

const stateSchema = z.object({ place: z.string(), copies: z.record(z.string(), copySchema) })

type KnownCopy = z.infer<typeof copySchema>
/** Keyed by the name of the backup. */
export type KnownCopies = Record<string, KnownCopy>

const stateName = 'offsite'

/** Reads the state of the copies at this place. Empty after OFFSITE_S3_* names another place. */
export async function readKnownCopies(
  backupsFolder: string,
  settings: OffsiteSettings,
): Promise<KnownCopies> {
  const state = await readState(backupsFolder, stateName, stateSchema)
  return state?.place === placeOf(settings) ? state.copies : {}
}

export function writeKnownCopies(
  backupsFolder: string,
  settings: OffsiteSettings,
  copies: KnownCopies,
): Promise<void> {
  return writeState(backupsFolder, stateName, { place: placeOf(settings), copies })
}

export function knownCopyOf(manifest: Manifest, isIntact: boolean): KnownCopy {
  return {
    createdAt: manifest.createdAt,
    reason: manifest.reason,
    bytes: bytesOf(manifest),
    readAt: new Date().toISOString(),
    isIntact,
  }
}

/** Converts the state of a copy to a candidate for retention. */
export function candidateOfKnown(name: string, about: KnownCopy, isProven: boolean): Candidate {
  return {
    name,
    createdAt: new Date(about.createdAt),
    reason: about.reason ?? 'scheduled',
    isVerified: about.isIntact,
    isProven,
  }
}
