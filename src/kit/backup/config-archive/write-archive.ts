import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { syncFolder, withNewFile, writeDurably } from '../../host/durable-file.ts'
import { encryptToFile } from '../encryption/encrypt-to-file.ts'
import { readIdentity, type EncryptionSettings } from '../encryption/encryption-settings.ts'
import { hashFile } from '../../host/hash-file.ts'
import { feed } from '../../host/spawn-program.ts'
import { partialSuffix } from '../portable/backup-name.ts'
import { renderChecksums } from '../portable/checksums.ts'
import { archiveFileName, checksumFileOf } from './archive-files.ts'
import { manifestPath, renderConfigManifest, type ConfigManifest } from './config-manifest.ts'
import { openArchive, type OpenedArchive } from './open-archive.ts'
import { packTar, type TarEntry } from './tar-format.ts'

function withManifest(manifest: ConfigManifest, entries: TarEntry[]): TarEntry[] {
  return [
    {
      path: manifestPath,
      kind: 'file',
      mode: 0o600,
      ...manifest.operator,
      content: Buffer.from(renderConfigManifest(manifest)),
    },
    ...entries,
  ]
}

/**
 * Writes an archive under a partial name, verifies it by decrypting it with the host key, writes the
 * checksum file, then renames the archive into place.
 */
export async function writeArchive(
  folder: string,
  { manifest, entries }: OpenedArchive,
  { recipients, encryption }: { recipients: string[]; encryption: EncryptionSettings },
): Promise<void> {
  const file = join(folder, archiveFileName(manifest.name))
  const partial = `${file}${partialSuffix}`
  const { searchPath } = encryption
  const tar = packTar(withManifest(manifest, entries))
  try {
    const cover = { recipients, searchPath }
    await withNewFile(partial, (handle) =>
      encryptToFile(handle, cover, (target) => feed(Readable.from([tar]), target)),
    )
    const { sha256 } = await hashFile(partial)
    await openArchive(partial, { identity: await readIdentity(encryption), searchPath })
    await writeDurably(checksumFileOf(file), renderChecksums({ [archiveFileName(manifest.name)]: sha256 }))
    await rename(partial, file)
    await syncFolder(folder)
  } catch (err) {
    await rm(partial, { force: true })
    await rm(checksumFileOf(file), { force: true })
    throw err
  }
}
