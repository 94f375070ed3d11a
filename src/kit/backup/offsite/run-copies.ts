import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import { readProof, proofFileName } from '../portable/read-proof.ts'
import { noteDamaged } from '../portable/read-back.ts'
import { listStoredBackups, type StoredBackup } from '../portable/stored-backup.ts'
import type { OpenProgress } from '../../host/progress.ts'
import type { KeepCounts } from '../portable/choose-expired.ts'
import { choosePending, dropNotesOfMissing } from './choose-pending.ts'
import { copyBackup, type Copying } from './copy-backup.ts'
import { isProvenCopy, listCopies, pathOf, type Copy } from './list-copies.ts'
import type { OffsitePlace } from './offsite-settings.ts'
import { knownCopyOf, readKnownCopies, writeKnownCopies } from './offsite-state.ts'
import { pruneCopies } from './prune-copies.ts'
import { uploadFile } from './storage.ts'
import type { Removal } from './try-removal.ts'
import { withOffsiteLock } from './with-offsite-lock.ts'

export interface CopiesRequest {
  keep: KeepCounts
  /** Maximum number of backups to copy, newest first. */
  limit: number
  signal?: AbortSignal | undefined
  progress?: OpenProgress | undefined
}

export interface Copied {
  name: string
  bytes: number
}

export interface CopiesMade {
  copied: Copied[]
  /** Names of the copies removed from the storage. */
  pruned: string[]
  /** Reason why expired copies could not be removed. The copies are valid nevertheless. */
  pruneFault: CommandError | undefined
}

async function noteCopy({ offsite, backupsFolder }: OffsitePlace, backup: StoredBackup): Promise<number> {
  if (backup.manifest === undefined) return 0
  const known = knownCopyOf(backup.manifest, true)
  const others = await readKnownCopies(backupsFolder, offsite)
  await writeKnownCopies(backupsFolder, offsite, { ...others, [backup.name]: known })
  return known.bytes
}

/**
 * Uploads proofs of drills that ran after the copy: retention needs them, also after the loss of this
 * machine.
 */
async function sendProofs(
  { offsite }: OffsitePlace,
  stored: StoredBackup[],
  copies: Copy[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const copy of copies.filter((each) => each.isWhole && !isProvenCopy(each))) {
    const backup = stored.find(({ name }) => name === copy.name)
    if (backup === undefined || (await readProof(backup.folder)) === undefined) continue
    await uploadFile(offsite, join(backup.folder, proofFileName), pathOf(copy.name, proofFileName), {
      signal,
    })
  }
}

/** Removes expired copies and saves the removals before a refusal as well. */
async function tidy(
  place: OffsitePlace,
  { keep, signal }: CopiesRequest,
  stored: StoredBackup[],
): Promise<Removal> {
  const { offsite, backupsFolder } = place
  await sendProofs(place, stored, await listCopies(offsite, signal), signal)
  const copies = await listCopies(offsite, signal)
  const known = await readKnownCopies(backupsFolder, offsite)
  const here = new Set(stored.map(({ name }) => name))
  const pruned = await pruneCopies({ ...place, keep, now: new Date(), signal }, { copies, known, here })
  const left = copies.filter(({ name, isWhole }) => isWhole && !pruned.names.includes(name))
  const kept = Object.entries(known).filter(([name]) => left.some((copy) => copy.name === name))
  await writeKnownCopies(backupsFolder, offsite, Object.fromEntries(kept))
  return pruned
}

/** Copies one backup. Marks a locally damaged one, so that the next run continues with the others. */
async function copyOne(
  { offsite, backupsFolder }: OffsitePlace,
  backup: StoredBackup,
  copying: Copying,
): Promise<void> {
  try {
    await copyBackup(offsite, backup, copying)
  } catch (err) {
    if (err instanceof CommandError && err.exit === 'verification_failed')
      await noteDamaged(backupsFolder, backup)
    throw err
  }
}

/**
 * Copies the backups without a copy, including those whose copy is gone, then removes expired copies.
 * Throws CommandError.
 */
export function runCopies(place: OffsitePlace, request: CopiesRequest): Promise<CopiesMade> {
  return withOffsiteLock(place.backupsFolder, async () => {
    const { offsite, backupsFolder } = place
    const { keep, limit, signal, progress } = request
    const stored = await listStoredBackups(backupsFolder)
    const copies = await listCopies(offsite, signal)
    const whole = copies.filter(({ isWhole }) => isWhole)
    await dropNotesOfMissing(stored, new Set(whole.map(({ name }) => name)))
    const copied: Copied[] = []
    for (const backup of (await choosePending(place, stored, keep)).slice(0, limit)) {
      const there = copies.find(({ name }) => name === backup.name)
      await copyOne(place, backup, { there, signal, progress })
      copied.push({ name: backup.name, bytes: await noteCopy(place, backup) })
    }
    if (copied.length === 0) return { copied, pruned: [], pruneFault: undefined }
    const { names, fault } = await tidy(place, request, stored)
    return { copied, pruned: names, pruneFault: fault }
  })
}
