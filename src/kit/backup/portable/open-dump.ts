import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { CommandError } from '../../errors.ts'
import { decryptFile } from '../encryption/decrypt-file.ts'
import { checkedStream } from './checked-stream.ts'
import type { StoredContent } from './manifest.ts'
import type { StoredBackup } from './stored-backup.ts'

/** Keys for decryption; unused for an unencrypted backup. */
export interface DumpKeys {
  /** Returns the text of an age identity; called only to decrypt. */
  readIdentity: () => Promise<string>
  /** Search path that contains age. */
  searchPath: string
}

function contentOf(backup: StoredBackup, kind: 'dump' | 'globals'): StoredContent {
  const content = backup.manifest?.[kind]
  if (content !== undefined && content !== null) return content
  throw new CommandError('verification_failed', `backup ${backup.name} holds no ${kind}`, {
    hint: 'use another one: make backups',
  })
}

async function openContent(
  backup: StoredBackup,
  kind: 'dump' | 'globals',
  { readIdentity, searchPath }: DumpKeys,
): Promise<Readable> {
  const content = contentOf(backup, kind)
  const path = join(backup.folder, content.file)
  const plain =
    backup.manifest?.encryption == null
      ? createReadStream(path, { highWaterMark: 1024 * 1024 })
      : decryptFile(path, { identity: await readIdentity(), searchPath })
  return checkedStream(plain, content, backup.name)
}

/**
 * Opens the dump as plaintext for the standard input of pg_restore. The stream fails and withholds its
 * last chunk when the content differs from the manifest, so that damaged content is never complete.
 */
export function openDump(backup: StoredBackup, keys: DumpKeys): Promise<Readable> {
  return openContent(backup, 'dump', keys)
}

/** Opens the SQL of the roles and settings, with the same check as openDump. */
export function openGlobals(backup: StoredBackup, keys: DumpKeys): Promise<Readable> {
  return openContent(backup, 'globals', keys)
}
