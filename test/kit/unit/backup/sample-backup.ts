import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderChecksums } from '../../../../src/kit/backup/portable/checksums.ts'
import { renderManifest, type Manifest } from '../../../../src/kit/backup/portable/manifest.ts'

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

export function sampleManifest(name: string, createdAt: string, content = `dump of ${name}`): Manifest {
  const dump = { file: 'database.dump', bytes: Buffer.byteLength(content), sha256: sha256(content) }
  return {
    format: 2,
    name,
    reason: 'scheduled',
    createdAt,
    slipwayVersion: '0.1.0',
    database: {
      name: 'slipway',
      bytes: 8_000_000,
      encoding: 'UTF8',
      collate: 'C.UTF-8',
      owner: 'owner',
      settings: [],
      extensions: [{ name: 'plpgsql', version: '1.0' }],
    },
    serverVersion: '17.11',
    clientVersion: '17.11',
    encryption: null,
    files: [dump],
    dump: { ...dump, plainBytes: dump.bytes, plainSha256: dump.sha256 },
    globals: null,
    tables: [{ schema: 'public', name: 'parcels', owner: 'owner', rows: 4, hash: null }],
    sequences: [],
    largeObjects: null,
    roles: null,
    migrations: [{ hash: 'ab', createdAt: 1 }],
    catalogHash: null,
    durationMs: 1_500,
  }
}

/** A folder as `backup create` leaves it, but for the content of its dump. */
export async function writeSampleBackup(
  folder: string,
  name: string,
  createdAt: string,
  more: Partial<Manifest> = {},
): Promise<string> {
  const manifest = renderManifest({ ...sampleManifest(name, createdAt), ...more })
  const checksums = { 'database.dump': sha256(`dump of ${name}`), 'manifest.json': sha256(manifest) }
  await mkdir(join(folder, name))
  await writeFile(join(folder, name, 'database.dump'), `dump of ${name}`)
  await writeFile(join(folder, name, 'manifest.json'), manifest)
  await writeFile(join(folder, name, 'SHA256SUMS'), renderChecksums(checksums))
  return name
}
