import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { CommandError } from '../../errors.ts'
import { decryptFile, type Decryption } from '../encryption/decrypt-file.ts'
import { hashFile } from '../../host/hash-file.ts'
import { renderChecksums } from '../portable/checksums.ts'
import { checksumFileOf } from './archive-files.ts'
import {
  manifestPath,
  parseConfigManifest,
  sha256Of,
  type ConfigEntry,
  type ConfigManifest,
} from './config-manifest.ts'
import { readTar, type TarItem } from './read-tar.ts'
import type { TarEntry } from './tar-format.ts'

export interface OpenedArchive {
  manifest: ConfigManifest
  entries: TarEntry[]
}

const useAnother =
  'use another one: backups/config holds those that are here, the off-site storage its copies'

function damaged(file: string, what: string): CommandError {
  return new CommandError('verification_failed', `${basename(file)} cannot be trusted: ${what}`, {
    hint: useAnother,
  })
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * Compares an archive with its checksum file. Throws CommandError when they differ. Call this before
 * decrypting: age reports damage in the file header as a wrong key.
 */
export async function verifyArchiveChecksum(file: string): Promise<void> {
  const sums = await readIfThere(checksumFileOf(file))
  // An archive without a checksum file: age detects changed bytes.
  if (sums === undefined) return
  const { sha256 } = await hashFile(file)
  if (sums !== renderChecksums({ [basename(file)]: sha256 }))
    throw damaged(file, 'its checksum is another one')
}

async function decrypt(file: string, decryption: Decryption): Promise<Buffer> {
  try {
    return await buffer(decryptFile(file, decryption))
  } catch (err) {
    if (!(err instanceof CommandError) || err.message.includes('cannot be run')) throw err
    const hint =
      err.exit === 'key'
        ? 'it opens with the recovery key that was shown when the keys were made, or with that of the host'
        : useAnother
    throw new CommandError(err.exit, err.publicMessage, { hint, cause: err })
  }
}

function isAsExpected({ path, content }: TarItem, expected: ConfigEntry): boolean {
  return (
    path === (expected.kind === 'folder' ? `${expected.path}/` : expected.path) &&
    content.length === expected.bytes &&
    sha256Of(content) === expected.sha256
  )
}

function compare(file: string, tar: Buffer): OpenedArchive {
  const [first, ...items] = readTar(tar) ?? []
  const manifest = first?.path === manifestPath ? parseConfigManifest(first.content.toString()) : undefined
  if (manifest === undefined) throw damaged(file, 'it has no manifest that this version reads')
  if (items.length !== manifest.entries.length) throw damaged(file, 'its manifest lists other files')
  const entries = manifest.entries.map((expected, n) => {
    const item = items[n]
    if (item === undefined || !isAsExpected(item, expected))
      throw damaged(file, `${expected.path} is not what the manifest says`)
    const { path, kind, mode, uid, gid } = expected
    return { path, kind, mode, uid, gid, content: item.content }
  })
  return { manifest, entries }
}

/**
 * Decrypts an archive and compares every entry with the manifest. Throws CommandError `key` or
 * `verification_failed`.
 */
export async function openArchive(file: string, decryption: Decryption): Promise<OpenedArchive> {
  await verifyArchiveChecksum(file)
  return compare(file, await decrypt(file, decryption))
}
