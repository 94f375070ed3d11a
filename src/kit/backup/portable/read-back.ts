import type { Manifest } from './manifest.ts'
import { readReadBackNotes, writeReadBackNotes, type ReadBackNotes } from './read-back-notes.ts'
import type { StoredBackup } from './stored-backup.ts'
import { verifyChecksums } from './verify-backup.ts'

/** A backup whose files have the right names and sizes. */
type Whole = StoredBackup & { manifest: Manifest }

function isWhole(backup: StoredBackup): backup is Whole {
  return backup.fault === undefined && backup.manifest !== undefined
}

async function isRight(backup: Whole): Promise<boolean> {
  try {
    await verifyChecksums(backup)
    return true
  } catch {
    return false
  }
}

const dayMs = 86_400_000

/**
 * Returns the backups to verify now. Verifying all of them each time would take hours on a large folder.
 * Chooses those without a good result, and the one with the oldest verification unless that is of today.
 */
function chooseToRead(whole: Whole[], notes: ReadBackNotes, now: Date): Whole[] {
  const isKnown = ({ name, manifest }: Whole): boolean =>
    notes[name]?.isIntact === true && notes[name].sha256 === manifest.dump.sha256
  const readAt = ({ name }: Whole): string => notes[name]?.readAt ?? ''
  const known = whole.filter(isKnown).sort((a, b) => (readAt(a) < readAt(b) ? -1 : 1))
  const stalest = known
    .slice(0, 1)
    .filter((each) => Math.abs(now.getTime() - Date.parse(readAt(each))) > dayMs)
  return [...whole.filter((each) => !isKnown(each)), ...stalest]
}

function noteOf({ manifest }: Whole, isIntact: boolean, now: Date): ReadBackNotes[string] {
  return {
    sha256: manifest.dump.sha256,
    readAt: now.toISOString(),
    isIntact,
  }
}

/**
 * Returns the names of the verified backups: once read completely and intact, and still of the right size.
 * The caller has verified `justRead`.
 */
export async function readBack(
  backupsFolder: string,
  stored: StoredBackup[],
  { now, justRead }: { now: Date; justRead: string | undefined },
): Promise<Set<string>> {
  const whole = stored.filter(isWhole)
  const before = await readReadBackNotes(backupsFolder)
  const notes: ReadBackNotes = Object.fromEntries(
    whole.flatMap(({ name }) => (before[name] === undefined ? [] : [[name, before[name]]])),
  )
  for (const backup of whole) if (backup.name === justRead) notes[backup.name] = noteOf(backup, true, now)
  for (const backup of chooseToRead(whole, notes, now))
    notes[backup.name] = noteOf(backup, await isRight(backup), now)
  await writeReadBackNotes(backupsFolder, notes)
  return new Set(whole.map(({ name }) => name).filter((name) => notes[name]?.isIntact === true))
}

/** Marks a backup as damaged, for callers outside of readBack. */
export async function noteDamaged(backupsFolder: string, backup: StoredBackup): Promise<void> {
  if (!isWhole(backup)) return
  const notes = await readReadBackNotes(backupsFolder)
  await writeReadBackNotes(backupsFolder, { ...notes, [backup.name]: noteOf(backup, false, new Date()) })
}
