import { describe, expect, it } from 'vitest'
import { parseManifest, renderManifest } from '../../../../src/kit/backup/portable/manifest.ts'
import { sampleManifest } from './sample-backup.ts'

const manifest = sampleManifest('20261122T031500Z-a1b2c3', '2026-11-22T03:15:00.000Z')
const sum = 'ab'.repeat(32)
const format1 = {
  format: 1,
  name: '20261122T031500Z-a1b2c3',
  createdAt: '2026-11-22T03:15:00.000Z',
  slipwayVersion: '0.1.0',
  database: { name: 'slipway', bytes: 8, extensions: [] },
  serverVersion: '17.11',
  clientVersion: '17.11',
  dump: { file: 'database.dump', bytes: 7, sha256: sum },
  tables: [{ schema: 'public', name: 'parcels', owner: 'owner', rows: 4 }],
  migrations: [],
  durationMs: 5,
}

describe('manifest', () => {
  it('comes back as it was written', () => {
    expect(parseManifest(renderManifest(manifest))).toEqual(manifest)
  })

  it('of format 1 is still read, without what it did not know', () => {
    expect(parseManifest(JSON.stringify(format1))).toMatchObject({
      format: 1,
      reason: null,
      encryption: null,
      files: [format1.dump],
      dump: { ...format1.dump, plainBytes: 7, plainSha256: sum },
      globals: null,
      tables: [{ rows: 4, hash: null }],
      sequences: null,
    })
  })

  it.each([
    ['nothing', ''],
    ['half of it', renderManifest(manifest).slice(0, 200)],
    ['another format', JSON.stringify({ ...manifest, format: 3 })],
    ['format 1 with a field nobody knows', JSON.stringify({ ...format1, more: 1 })],
    ['no files', JSON.stringify({ ...manifest, files: [] })],
    [
      'a dump with another checksum than its file',
      JSON.stringify({ ...manifest, dump: { ...manifest.dump, sha256: sum } }),
    ],
    ['a field nobody knows', JSON.stringify({ ...manifest, more: 1 })],
    [
      'a number of rows below zero',
      JSON.stringify({ ...manifest, tables: [{ schema: 'a', name: 'b', owner: 'c', rows: -1, hash: null }] }),
    ],
    [
      'a dump that lies elsewhere',
      JSON.stringify({ ...manifest, files: [{ ...manifest.files[0], file: '../../etc/passwd' }] }),
    ],
  ])('does not take %s for a manifest', (_what, content) => {
    expect(parseManifest(content)).toBeUndefined()
  })
})
