import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { CommandError } from '../../errors.ts'
import { hashFile } from '../../host/hash-file.ts'
import type { Programs } from '../../postgres/run-program.ts'
import { parseContents, refuseOtherContents } from './contents.ts'
import { listDump } from './list-dump.ts'
import type { Manifest } from './manifest.ts'
import { openDump, openGlobals, type DumpKeys } from './open-dump.ts'
import type { StoredBackup } from './stored-backup.ts'

function corrupt(name: string, what: string): CommandError {
  return new CommandError('verification_failed', `backup ${name} cannot be trusted: ${what}`, {
    hint: 'use another one: make backups',
  })
}

/**
 * Returns the manifest of a backup whose files exist with the right sizes. Throws CommandError
 * `verification_failed` otherwise.
 */
export function wholeManifest({ name, manifest, fault }: StoredBackup): Manifest {
  if (fault !== undefined || manifest === undefined) throw corrupt(name, fault ?? 'no manifest')
  return manifest
}

/**
 * Verifies every stored byte against the manifest and returns the manifest. Needs no key. Throws
 * CommandError `verification_failed`.
 */
export async function verifyChecksums(backup: StoredBackup): Promise<Manifest> {
  const { name, folder } = backup
  const manifest = wholeManifest(backup)
  for (const { file, sha256 } of manifest.files) {
    const found = await hashFile(join(folder, file))
    if (found.sha256 !== sha256) throw corrupt(name, `the checksum of ${file} is another one`)
  }
  return manifest
}

/**
 * Reads the decrypted content and compares its SHA-256 with that of the original. Detects every flipped
 * bit on disk: age authenticates all bytes, and without age the file is the content.
 */
async function verifyContents(backup: StoredBackup, programs: Programs, keys: DumpKeys): Promise<Manifest> {
  const manifest = wholeManifest(backup)
  const listing = await listDump(await openDump(backup, keys), programs)
  if (manifest.globals !== null) await finished((await openGlobals(backup, keys)).resume())
  refuseOtherContents(parseContents(listing), manifest.tables)
  return manifest
}

/**
 * Verifies a backup: the stored bytes and the decrypted content, in parallel. Returns the manifest. Throws
 * CommandError.
 */
export async function verifyBackup(
  backup: StoredBackup,
  programs: Programs,
  keys: DumpKeys,
): Promise<Manifest> {
  const [checked, read] = await Promise.allSettled([
    verifyChecksums(backup),
    verifyContents(backup, programs, keys),
  ])
  // The checksum error names the damaged file; it comes first, because pg_restore accepts some damage
  // silently.
  if (checked.status === 'rejected') throw checked.reason
  if (read.status === 'rejected') throw read.reason
  return read.value
}
