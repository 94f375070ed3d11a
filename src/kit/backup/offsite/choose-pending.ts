import { readProof } from '../portable/read-proof.ts'
import { hashFile } from '../../host/hash-file.ts'
import { join } from 'node:path'
import { manifestFileName, type Manifest } from '../portable/manifest.ts'
import type { StoredBackup } from '../portable/stored-backup.ts'
import { chooseExpired, type Candidate, type KeepCounts } from '../portable/choose-expired.ts'
import { dropOffsiteNote, readOffsiteNote } from './offsite-note.ts'
import { placeOf, type OffsitePlace, type OffsiteSettings } from './offsite-settings.ts'
import { candidateOfKnown, readKnownCopies } from './offsite-state.ts'

type Intact = StoredBackup & { manifest: Manifest }

function isIntact(backup: StoredBackup): backup is Intact {
  return backup.fault === undefined && backup.manifest !== undefined
}

/** Returns true when the copy at this place was verified by reading it back. */
async function isCopied(settings: OffsiteSettings, { folder }: StoredBackup): Promise<boolean> {
  const note = await readOffsiteNote(folder)
  if (note?.place !== placeOf(settings)) return false
  return note.manifestSha256 === (await hashFile(join(folder, manifestFileName))).sha256
}

async function candidateOf({ name, folder, manifest }: Intact): Promise<Candidate> {
  return {
    name,
    createdAt: new Date(manifest.createdAt),
    reason: manifest.reason ?? 'scheduled',
    isVerified: true,
    isProven: (await readProof(folder)) !== undefined,
  }
}

/**
 * Returns the backups without a verified copy, newest first. Leaves out damaged ones and those that the
 * retention of the storage would remove at once. Runs every minute and reads only the local state, not the
 * storage.
 */
export async function choosePending(
  { offsite, backupsFolder }: OffsitePlace,
  stored: StoredBackup[],
  keep: KeepCounts,
): Promise<Intact[]> {
  const intact = stored.filter(isIntact)
  const copied = await Promise.all(intact.map((backup) => isCopied(offsite, backup)))
  const pending = intact.filter((_, index) => copied[index] === false)
  const coming = await Promise.all(pending.map(candidateOf))
  const names = new Set(pending.map(({ name }) => name))
  const known = Object.entries(await readKnownCopies(backupsFolder, offsite)).filter(
    ([name]) => !names.has(name),
  )
  const there = known.map(([name, about]) => candidateOfKnown(name, about, false))
  const expired = chooseExpired([...there, ...coming], keep, new Date()).map(({ name }) => name)
  return pending.filter(({ name }) => !expired.includes(name))
}

/** Removes the local notes of copies that are no longer on the storage. */
export async function dropNotesOfMissing(stored: StoredBackup[], there: Set<string>): Promise<void> {
  for (const { name, folder } of stored) if (!there.has(name)) await dropOffsiteNote(folder)
}
