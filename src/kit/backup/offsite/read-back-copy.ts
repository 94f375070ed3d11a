import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { HashTap } from '../../host/hash-tap.ts'
import type { FileDigest } from '../../host/hash-tap.ts'
import { checksumsFileName, parseChecksums } from '../portable/checksums.ts'
import { manifestFileName, parseManifest, type Manifest } from '../portable/manifest.ts'
import { isSameList } from '../portable/stored-backup.ts'
import { DamagedCopy } from './damaged-copy.ts'
import { pathOf } from './list-copies.ts'
import type { OffsiteSettings } from './offsite-settings.ts'
import { readObject, type Transfer } from './storage.ts'

export interface CopyPapers {
  manifest: Manifest
  manifestSha256: string
  /** Exact bytes on the storage. */
  manifestText: Buffer
  checksumsText: Buffer
}

/** Downloads manifest and checksums of a copy. Throws DamagedCopy when they disagree. */
export async function readPapers(
  settings: OffsiteSettings,
  name: string,
  { signal }: Transfer = {},
): Promise<CopyPapers> {
  const checksumsText = await readObject(settings, pathOf(name, checksumsFileName), buffer, { signal })
  const manifestText = await readObject(settings, pathOf(name, manifestFileName), buffer, { signal })
  const listed = parseChecksums(checksumsText.toString())
  if (listed === undefined) throw new DamagedCopy(name, `${checksumsFileName} is missing or cannot be read`)
  const manifestSha256 = createHash('sha256').update(manifestText).digest('hex')
  const manifest = parseManifest(manifestText.toString())
  if (manifest === undefined || listed[manifestFileName] !== manifestSha256) {
    throw new DamagedCopy(name, `${manifestFileName} is not what was sent`)
  }
  if (!isSameList(listed, manifest)) throw new DamagedCopy(name, `${checksumsFileName} is not what was sent`)
  return { manifest, manifestSha256, manifestText, checksumsText }
}

export function refuseOtherDigest(
  name: string,
  { file, bytes, sha256 }: Manifest['files'][number],
  found: FileDigest,
): void {
  if (found.sha256 === sha256) return
  const what =
    found.bytes === bytes ? 'has other bytes than were sent' : `has ${found.bytes} bytes of ${bytes}`
  throw new DamagedCopy(name, `${file} ${what}`)
}

/**
 * Downloads every byte of a copy and compares the hashes; does not trust checksums reported by the
 * storage. Throws DamagedCopy.
 */
export async function readBackCopy(
  settings: OffsiteSettings,
  name: string,
  transfer: Transfer = {},
): Promise<CopyPapers> {
  const papers = await readPapers(settings, name, transfer)
  for (const each of papers.manifest.files) {
    const found = await readObject(
      settings,
      pathOf(name, each.file),
      async (content) => {
        const tap = new HashTap()
        await finished(content.pipe(tap).resume())
        return tap.digest()
      },
      transfer,
    )
    refuseOtherDigest(name, each, found)
  }
  return papers
}
