import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { CommandError } from '../../errors.ts'
import { decryptFile } from '../encryption/decrypt-file.ts'
import { checkedStream } from './checked-stream.ts'
import type { StoredContent } from './manifest.ts'
import type { StoredBackup } from './stored-backup.ts'

/** What opens a backup; of no use for one that is not encrypted. */
export interface DumpKeys {
  /** Text of an age identity; asked for only when something is to be decrypted. */
  readIdentity: () => Promise<string>
  /** Where age is found. */
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
 * The dump in plain, as pg_restore reads it from standard input. The stream fails, and its last piece never comes, when
 * the whole is not what the manifest says: nobody can take damaged content for all of it.
 */
export function openDump(backup: StoredBackup, keys: DumpKeys): Promise<Readable> {
  return openContent(backup, 'dump', keys)
}

/** The SQL that makes roles and settings anew, in the same way. */
export function openGlobals(backup: StoredBackup, keys: DumpKeys): Promise<Readable> {
  return openContent(backup, 'globals', keys)
}
