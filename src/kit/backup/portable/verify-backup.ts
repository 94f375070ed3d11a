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

/** The manifest of a backup whose files are there and have the right sizes; a refusal for any other. */
export function wholeManifest({ name, manifest, fault }: StoredBackup): Manifest {
  if (fault !== undefined || manifest === undefined) throw corrupt(name, fault ?? 'no manifest')
  return manifest
}

/** The manifest of a backup whose files are, byte for byte, those that were written. Needs no key. */
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
 * Reads what comes out of the files to its last byte, and compares its SHA-256 with that of what went in. Nothing that was flipped on
 * the disk gets past that: age authenticates every byte of a file, and without age the file is what comes out.
 */
async function verifyContents(backup: StoredBackup, programs: Programs, keys: DumpKeys): Promise<Manifest> {
  const manifest = wholeManifest(backup)
  const listing = await listDump(await openDump(backup, keys), programs)
  if (manifest.globals !== null) await finished((await openGlobals(backup, keys)).resume())
  refuseOtherContents(parseContents(listing), manifest.tables)
  return manifest
}

/** Reads everything back from the disk, as it lies there and as it comes out, side by side. */
export async function verifyBackup(
  backup: StoredBackup,
  programs: Programs,
  keys: DumpKeys,
): Promise<Manifest> {
  const [checked, read] = await Promise.allSettled([
    verifyChecksums(backup),
    verifyContents(backup, programs, keys),
  ])
  // Which file is damaged says more than what became of reading it, and pg_restore reads some without a word.
  if (checked.status === 'rejected') throw checked.reason
  if (read.status === 'rejected') throw read.reason
  return read.value
}
