import { describe, expect, it } from 'vitest'
import {
  describeEntries,
  parseConfigManifest,
  renderConfigManifest,
  type ConfigManifest,
} from '../../../../../src/kit/backup/config-archive/config-manifest.ts'

function manifest(path: string): ConfigManifest {
  return {
    format: 1,
    name: '20261122T031500Z-a1b2c3',
    createdAt: '2026-11-22T03:15:00.000Z',
    slipwayVersion: '0.1.0',
    revision: 'abc1234',
    operator: { uid: 1_000, gid: 1_000 },
    entries: describeEntries([
      { path, kind: 'file', mode: 0o400, uid: 999, gid: 0, content: Buffer.from('value') },
    ]),
  }
}

describe('the manifest of the configuration', () => {
  it('is read as it was written, with the hash of each file', () => {
    const read = parseConfigManifest(renderConfigManifest(manifest('secrets/db/app_password')))

    expect(read).toEqual(manifest('secrets/db/app_password'))
    expect(read?.entries[0]).toMatchObject({
      bytes: 5,
      sha256: 'cd42404d52ad55ccfa9aca4adc828aa5800ad9d385a0671fbcbf724118320619',
    })
  })

  it.each(['../etc/passwd', '/etc/passwd', 'secrets/../../x', 'secrets//x', './env', 'secrets/', '', 'a\0b'])(
    'that names %j, outside of where it is unpacked, is none',
    (path) => {
      expect(parseConfigManifest(renderConfigManifest(manifest(path)))).toBeUndefined()
    },
  )

  it.each(['', '{}', '{"format":2}', 'not json'])('is not %j', (content) => {
    expect(parseConfigManifest(content)).toBeUndefined()
  })
})
