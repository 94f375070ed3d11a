import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { BackupError } from '../backup-error.ts'
import { parseContents, refuseOtherContents } from './contents.ts'
import { hashFile } from '../hash-file.ts'
import { dumpFileName, type Manifest } from './manifest.ts'
import { listArguments } from './pg-arguments.ts'
import { runProgram, type Programs } from '../run-program.ts'
import type { StoredBackup } from './stored-backup.ts'

const corrupt = (name: string, what: string): BackupError =>
  new BackupError(
    'verification_failed',
    `backup ${name} cannot be trusted: ${what}`,
    'use another one: make backups',
  )

/** The manifest of a backup whose files are, byte for byte, those that were written. */
export const verifyChecksums = async ({ name, folder, manifest, fault }: StoredBackup): Promise<Manifest> => {
  if (fault !== undefined || manifest === undefined) throw corrupt(name, fault ?? 'no manifest')
  const { sha256 } = await hashFile(join(folder, dumpFileName))
  if (sha256 !== manifest.dump.sha256) throw corrupt(name, `the checksum of ${dumpFileName} is another one`)
  return manifest
}

/** Reads everything back from the disk: checksums first, since pg_restore accepts damaged archives without a word. */
export const verifyBackup = async (backup: StoredBackup, programs: Programs): Promise<Manifest> => {
  const manifest = await verifyChecksums(backup)
  const listing = await runProgram(
    { programs, name: 'pg_restore', args: listArguments(join(backup.folder, dumpFileName)) },
    text,
  )
  refuseOtherContents(parseContents(listing), manifest.tables)
  return manifest
}
