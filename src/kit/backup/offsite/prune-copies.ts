import { join } from 'node:path'
import { chooseExpired, type Candidate, type KeepCounts } from '../portable/choose-expired.ts'
import { archiveFolder, copiesFolder, isProvenCopy, removeCopy, type Copy } from './list-copies.ts'
import { dropOffsiteNote } from './offsite-note.ts'
import type { OffsitePlace, OffsiteSettings } from './offsite-settings.ts'
import { candidateOfKnown, type KnownCopies } from './offsite-state.ts'
import { abortUploads } from './storage.ts'
import { tryRemoval, type Removal } from './try-removal.ts'

/** One of which nothing is known yet is not verified: it neither counts nor goes. */
function candidateOf(copy: Copy, known: KnownCopies): Candidate {
  const about = known[copy.name]
  const isProven = isProvenCopy(copy)
  if (about !== undefined) return candidateOfKnown(copy.name, about, isProven)
  return { name: copy.name, createdAt: copy.createdAt, reason: 'scheduled', isVerified: false, isProven }
}

interface Pruning extends OffsitePlace {
  keep: KeepCounts
  now: Date
  signal?: AbortSignal | undefined
}

/** By the rules that hold here, counted over what is there; the oldest first. */
function expiredOf(copies: Copy[], known: KnownCopies, { keep, now }: Pruning): string[] {
  const whole = copies.filter(({ isWhole }) => isWhole).map((copy) => candidateOf(copy, known))
  return chooseExpired(whole, keep, now)
    .map(({ name }) => name)
    .toReversed()
}

/** Under the lock nobody sends copies: what is under way is of a run that was killed. pgBackRest may be at work. */
async function sweepUploads(offsite: OffsiteSettings, signal: AbortSignal | undefined): Promise<void> {
  await abortUploads(offsite, { folder: copiesFolder, age: '0s' }, signal)
  await abortUploads(offsite, { folder: archiveFolder, age: '24h' }, signal)
}

/**
 * Called after a copy that succeeded and never otherwise. `copies` is what was listed. What runs left that were cut off, of
 * backups that are not `here` any more to go on with, goes as well.
 */
export function pruneCopies(
  pruning: Pruning,
  { copies, known, here }: { copies: Copy[]; known: KnownCopies; here: Set<string> },
): Promise<Removal> {
  const { offsite, backupsFolder, signal } = pruning
  return tryRemoval(pruning, 'portable', async (gone) => {
    for (const name of expiredOf(copies, known, pruning)) {
      await dropOffsiteNote(join(backupsFolder, name))
      await removeCopy(offsite, name, signal)
      gone.push(name)
    }
    for (const { name, isWhole } of copies)
      if (!isWhole && !here.has(name)) await removeCopy(offsite, name, signal)
    await sweepUploads(offsite, signal)
  })
}
