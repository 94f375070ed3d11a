import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { BackupError } from '../backup-error.ts'
import { checkedStream } from './checked-stream.ts'
import type { StoredContent } from './manifest.ts'
import type { StoredBackup } from './stored-backup.ts'

const contentOf = (backup: StoredBackup, kind: 'dump' | 'globals'): StoredContent => {
  const content = backup.manifest?.[kind]
  if (content !== undefined && content !== null) return content
  throw new BackupError(
    'verification_failed',
    `backup ${backup.name} holds no ${kind}`,
    'use another one: make backups',
  )
}

/**
 * The dump in plain, as pg_restore reads it from standard input. The stream fails, and its last piece never comes, when
 * the whole is not what the manifest says: nobody can take damaged content for all of it.
 */
export const openDump = (backup: StoredBackup): Promise<Readable> => {
  const content = contentOf(backup, 'dump')
  const file = createReadStream(join(backup.folder, content.file), { highWaterMark: 1024 * 1024 })
  return Promise.resolve(checkedStream(file, content, backup.name))
}
