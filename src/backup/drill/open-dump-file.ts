import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { BackupError } from '../backup-error.ts'
import { dumpFileName } from '../portable/manifest.ts'
import type { StoredBackup } from '../portable/stored-backup.ts'

/** The dump as it comes from the disk; fails at its end when it was not what the manifest says. */
export const openDumpFile = ({ name, folder, manifest }: StoredBackup): Readable =>
  Readable.from(
    (async function* () {
      const hash = createHash('sha256')
      for await (const chunk of createReadStream(join(folder, dumpFileName), { highWaterMark: 256 * 1024 })) {
        hash.update(chunk as Buffer)
        yield chunk as Buffer
      }
      if (hash.digest('hex') === manifest?.dump.sha256) return
      throw new BackupError(
        'verification_failed',
        `backup ${name} cannot be trusted: the checksum of ${dumpFileName} is another one`,
        'use another one: make backups',
      )
    })(),
  )
