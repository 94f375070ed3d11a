import { CommandError } from '../../errors.ts'
import { listStoredBackups } from '../portable/stored-backup.ts'
import { DamagedCopy } from './damaged-copy.ts'
import { findCopy } from './find-copy.ts'
import { listCopies, removeCopy, type Copy } from './list-copies.ts'
import { dropOffsiteNote } from './offsite-note.ts'
import type { OffsitePlace } from './offsite-settings.ts'
import { knownCopyOf, readKnownCopies, writeKnownCopies, type KnownCopies } from './offsite-state.ts'
import { readBackCopy } from './read-back-copy.ts'
import { withOffsiteLock } from './with-offsite-lock.ts'

export interface CheckedCopy {
  name: string
  bytes: number
  /** Reason why the copy is damaged, as a sentence. */
  fault: string | undefined
}

function sizeOf({ files }: Copy): number {
  return [...files.values()].reduce((sum, size) => sum + size, 0)
}

async function note(
  { offsite, backupsFolder }: OffsitePlace,
  name: string,
  about: KnownCopies[string],
): Promise<void> {
  const known = await readKnownCopies(backupsFolder, offsite)
  await writeKnownCopies(backupsFolder, offsite, { ...known, [name]: about })
}

/**
 * Marks a copy as damaged. Removes it only when the backup is intact here, so that it is copied again;
 * otherwise it is the only copy left.
 */
async function condemn(place: OffsitePlace, copy: Copy, signal: AbortSignal | undefined): Promise<void> {
  const { offsite, backupsFolder } = place
  const known = (await readKnownCopies(backupsFolder, offsite))[copy.name]
  const about = { createdAt: copy.createdAt.toISOString(), reason: null, ...known }
  await note(place, copy.name, {
    ...about,
    bytes: sizeOf(copy),
    readAt: new Date().toISOString(),
    isIntact: false,
  })
  const here = (await listStoredBackups(backupsFolder)).find(({ name }) => name === copy.name)
  if (here === undefined) return
  await dropOffsiteNote(here.folder)
  if (here.fault === undefined) await removeCopy(offsite, copy.name, signal)
}

async function check(place: OffsitePlace, copy: Copy, signal: AbortSignal | undefined): Promise<CheckedCopy> {
  const { name } = copy
  try {
    const { manifest } = await readBackCopy(place.offsite, name, { signal })
    await note(place, name, knownCopyOf(manifest, true))
    return { name, bytes: sizeOf(copy), fault: undefined }
  } catch (err) {
    if (!(err instanceof DamagedCopy)) throw err
    await condemn(place, copy, signal)
    return { name, bytes: sizeOf(copy), fault: err.publicMessage }
  }
}

interface CheckRequest {
  /** All copies when undefined. */
  name?: string | undefined
  /** Called after each copy, because all of them take long. */
  report: (checked: CheckedCopy) => void
  signal?: AbortSignal | undefined
}

/**
 * Downloads every copy, compares it with its checksums and saves the result. Throws CommandError `offsite`
 * at the end when a copy is damaged.
 */
export function checkCopies(
  place: OffsitePlace,
  { name, report, signal }: CheckRequest,
): Promise<CheckedCopy[]> {
  return withOffsiteLock(place.backupsFolder, async () => {
    const copies =
      name === undefined
        ? (await listCopies(place.offsite, signal)).filter(({ isWhole }) => isWhole)
        : [await findCopy(place.offsite, name, signal)]
    const checked: CheckedCopy[] = []
    for (const copy of copies) {
      const found = await check(place, copy, signal)
      report(found)
      checked.push(found)
    }
    const damaged = checked.filter(({ fault }) => fault !== undefined)
    if (damaged.length === 0) return checked
    throw new CommandError(
      'offsite',
      `${damaged.length} of ${checked.length} copies off-site are not what was sent: ${damaged.map((each) => each.name).join(', ')}`,
      {
        hint: 'those whose backup is still here are copied anew: docker compose -f compose.prod.yaml exec backup node backup.js offsite copy; docs/runbooks/OffsiteDamaged.md',
      },
    )
  })
}

const restMs = 30 * 86_400_000

/**
 * Returns the name of the copy with the oldest verification, when that is more than 30 days ago or
 * missing. Downloads cost money, so one copy is verified at a time.
 */
export async function stalestCopy(
  { offsite, backupsFolder }: OffsitePlace,
  now: Date,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const known = await readKnownCopies(backupsFolder, offsite)
  const readAt = ({ name }: Copy): number => Date.parse(known[name]?.readAt ?? '1970-01-01T00:00:00Z')
  const whole = (await listCopies(offsite, signal)).filter(({ isWhole }) => isWhole)
  const [stalest] = whole.sort((a, b) => readAt(a) - readAt(b))
  return stalest !== undefined && now.getTime() - readAt(stalest) > restMs ? stalest.name : undefined
}
