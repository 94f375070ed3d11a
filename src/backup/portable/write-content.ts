import { join } from 'node:path'
import { pipeline, type Readable } from 'node:stream'
import { encryptTo } from '../encryption/encrypt-to.ts'
import { writeHashed } from '../hash-file.ts'
import { HashTap } from '../hash-tap.ts'
import type { StoredContent } from './manifest.ts'

export interface ContentPlace {
  folder: string
  /** Without `.age`. */
  name: string
  /** null for what anybody may read. */
  recipients: string[] | null
  searchPath: string
}

/** Writes a stream to a new file, encrypted on the way: plaintext lies on no disk. Hashes both sides. */
export const writeContent = async (plain: Readable, place: ContentPlace): Promise<StoredContent> => {
  const { folder, name, recipients, searchPath } = place
  if (recipients === null) {
    const { bytes, sha256 } = await writeHashed(plain, join(folder, name))
    return { file: name, bytes, sha256, plainBytes: bytes, plainSha256: sha256 }
  }
  const file = `${name}.age`
  // A fault of the source becomes one of the tap, and so of age's input.
  const tap = pipeline(plain, new HashTap(), () => undefined)
  const { bytes, sha256 } = await encryptTo(tap, { recipients, searchPath }, (encrypted) =>
    writeHashed(encrypted, join(folder, file)),
  )
  const digest = tap.digest()
  return { file, bytes, sha256, plainBytes: digest.bytes, plainSha256: digest.sha256 }
}
