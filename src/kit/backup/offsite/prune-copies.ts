import { join } from 'node:path'
import { chooseExpired, type Candidate, type KeepCounts } from '../portable/choose-expired.ts'
import { archiveFolder, copiesFolder, isProvenCopy, removeCopy, type Copy } from './list-copies.ts'
import { dropOffsiteNote } from './offsite-note.ts'
import type { OffsitePlace, OffsiteSettings } from './offsite-settings.ts'
import { candidateOfKnown, type KnownCopies } from './offsite-state.ts'
import { abortUploads } from './storage.ts'
import { tryRemoval, type Removal } from './try-removal.ts'

/** An unknown copy is unverified: retention neither counts nor removes it. */
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

/** Returns the names of the expired copies, oldest first, by the same rules as for local backups. */
function expiredOf(copies: Copy[], known: KnownCopies, { keep, now }: Pruning): string[] {
  const whole = copies.filter(({ isWhole }) => isWhole).map((copy) => candidateOf(copy, known))
  return chooseExpired(whole, keep, now)
    .map(({ name }) => name)
    .toReversed()
}

/**
 * The caller holds the off-site lock, so unfinished uploads of copies belong to a killed run. pgBackRest
 * may be uploading: its uploads must be 24 h old.
 */
async function sweepUploads(offsite: OffsiteSettings, signal: AbortSignal | undefined): Promise<void> {
  await abortUploads(offsite, { folder: copiesFolder, age: '0s' }, signal)
  await abortUploads(offsite, { folder: archiveFolder, age: '24h' }, signal)
}

/**
 * Removes expired copies, incomplete copies of backups that are not in `here`, and unfinished uploads.
 * `copies` is the current list. Call it only after a successful copy.
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
