import { describe, expect, it } from 'vitest'
import {
  parseChecksums,
  parseManifest,
  renderChecksums,
  renderManifest,
} from '../../../src/backup/portable/manifest.ts'
import { sampleManifest } from './sample-backup.ts'

const manifest = sampleManifest('20261122T031500Z-a1b2c3', '2026-11-22T03:15:00.000Z')
const sum = 'ab'.repeat(32)

describe('manifest', () => {
  it('comes back as it was written', () => {
    expect(parseManifest(renderManifest(manifest))).toEqual(manifest)
  })

  it.each([
    ['nothing', ''],
    ['half of it', renderManifest(manifest).slice(0, 200)],
    ['another format', JSON.stringify({ ...manifest, format: 2 })],
    ['a field nobody knows', JSON.stringify({ ...manifest, more: 1 })],
    [
      'a number of rows below zero',
      JSON.stringify({ ...manifest, tables: [{ schema: 'a', name: 'b', owner: 'c', rows: -1 }] }),
    ],
    [
      'a dump that lies elsewhere',
      JSON.stringify({ ...manifest, dump: { ...manifest.dump, file: '../../etc/passwd' } }),
    ],
  ])('does not take %s for a manifest', (_what, content) => {
    expect(parseManifest(content)).toBeUndefined()
  })
})

describe('checksums', () => {
  it('come back as they were written', () => {
    expect(parseChecksums(renderChecksums({ 'database.dump': sum }))).toEqual({ 'database.dump': sum })
  })

  it.each([
    ['no last line break', `${sum}  database.dump`],
    ['one blank', `${sum} database.dump\n`],
    ['a capital letter', `${sum.toUpperCase()}  database.dump\n`],
    ['an empty line', `${sum}  database.dump\n\n`],
    ['a path', `${sum}  ../database.dump\n`],
  ])('are refused with %s', (_what, content) => {
    expect(parseChecksums(content)).toBeUndefined()
  })
})
