import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderChecksums, renderManifest, type Manifest } from '../../../src/backup/portable/manifest.ts'

const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex')

export const sampleManifest = (name: string, createdAt: string, dump = `dump of ${name}`): Manifest => ({
  format: 1,
  name,
  createdAt,
  slipwayVersion: '0.1.0',
  database: { name: 'slipway', bytes: 8_000_000, extensions: [{ name: 'plpgsql', version: '1.0' }] },
  serverVersion: '17.11',
  clientVersion: '17.11',
  dump: { file: 'database.dump', bytes: Buffer.byteLength(dump), sha256: sha256(dump) },
  tables: [{ schema: 'public', name: 'itineraries', owner: 'owner', rows: 4 }],
  migrations: [{ hash: 'ab', createdAt: 1 }],
  durationMs: 1_500,
})

/** A folder as `backup create` leaves it, but for the content of its dump. */
export const writeSampleBackup = async (folder: string, name: string, createdAt: string): Promise<string> => {
  const manifest = renderManifest(sampleManifest(name, createdAt))
  const checksums = { 'database.dump': sha256(`dump of ${name}`), 'manifest.json': sha256(manifest) }
  await mkdir(join(folder, name))
  await writeFile(join(folder, name, 'database.dump'), `dump of ${name}`)
  await writeFile(join(folder, name, 'manifest.json'), manifest)
  await writeFile(join(folder, name, 'SHA256SUMS'), renderChecksums(checksums))
  return name
}
