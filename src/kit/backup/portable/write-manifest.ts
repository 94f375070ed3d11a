import { join } from 'node:path'
import { writeDurably } from '../../host/durable-file.ts'
import { hashFile } from '../../host/hash-file.ts'
import { checksumsFileName, renderChecksums } from './checksums.ts'
import { manifestFileName, renderManifest, type Manifest } from './manifest.ts'

/** Writes SHA256SUMS and the manifest, after all other files are synced. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const file = join(folder, manifestFileName)
  await writeDurably(file, renderManifest(manifest))
  const entries = manifest.files.map((each) => [each.file, each.sha256])
  const own = [manifestFileName, (await hashFile(file)).sha256]
  await writeDurably(
    join(folder, checksumsFileName),
    renderChecksums(Object.fromEntries([...entries, own]) as Record<string, string>),
  )
}
