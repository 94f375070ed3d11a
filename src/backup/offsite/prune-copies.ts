import { join } from 'node:path'
import { chooseExpired, type Candidate, type KeepCounts } from '../schedule/choose-expired.ts'
import { isProvenCopy, removeCopy, type Copy } from './list-copies.ts'
import { dropOffsiteNote } from './offsite-note.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { candidateOfKnown, type KnownCopies } from './offsite-state.ts'

/** One of which nothing is known yet is not verified: it neither counts nor goes. */
const candidateOf = (copy: Copy, known: KnownCopies): Candidate => {
  const about = known[copy.name]
  const isProven = isProvenCopy(copy)
  if (about !== undefined) return candidateOfKnown(copy.name, about, isProven)
  return { name: copy.name, createdAt: copy.createdAt, reason: 'scheduled', isVerified: false, isProven }
}

interface Pruning {
  offsite: OffsiteSettings
  backupsFolder: string
  keep: KeepCounts
  now: Date
  signal?: AbortSignal | undefined
}

/**
 * By the rules that hold here, counted over what is there. Called after a copy that succeeded and never otherwise.
 * `copies` is what was listed; returns the names that are gone.
 */
export const pruneCopies = async (
  { offsite, backupsFolder, keep, now, signal }: Pruning,
  copies: Copy[],
  known: KnownCopies,
): Promise<string[]> => {
  const whole = copies.filter(({ isWhole }) => isWhole).map((copy) => candidateOf(copy, known))
  const expired = chooseExpired(whole, keep, now).map(({ name }) => name)
  for (const name of expired) {
    await dropOffsiteNote(join(backupsFolder, name))
    await removeCopy(offsite, name, signal)
  }
  return expired
}

/** What runs left that were cut off, of backups that are not here any more to go on with. */
export const sweepUnfinished = async (
  { offsite, signal }: Pick<Pruning, 'offsite' | 'signal'>,
  copies: Copy[],
  here: Set<string>,
): Promise<void> => {
  for (const { name, isWhole } of copies)
    if (!isWhole && !here.has(name)) await removeCopy(offsite, name, signal)
}
