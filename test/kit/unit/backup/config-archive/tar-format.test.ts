import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readTar } from '../../../../../src/kit/backup/config-archive/read-tar.ts'
import { packTar, type TarEntry } from '../../../../../src/kit/backup/config-archive/tar-format.ts'

function file(path: string, content: string, mode = 0o600): TarEntry {
  return {
    path,
    kind: 'file',
    mode,
    uid: 0,
    gid: 0,
    content: Buffer.from(content),
  }
}
function folder(path: string): TarEntry {
  return { ...file(path, '', 0o700), kind: 'folder' }
}

const longName = `${'x'.repeat(60)}/${"it's 🚢 %s ".repeat(9)}`

const entries = [
  folder('secrets'),
  file('secrets/empty', ''),
  file('secrets/one block', 'b'.repeat(512), 0o400),
  file('secrets/one byte more', 'b'.repeat(513)),
  folder(`caddy_data/${longName}`),
  file(`caddy_data/${longName}/${'é'.repeat(60)}`, 'certificate'),
  ...[98, 99, 100, 101, 102].map((length) => file('n'.repeat(length), String(length))),
]

function work(): string {
  const made = mkdtempSync(join(tmpdir(), 'slipway-tar-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

describe('the archive inside', () => {
  it('is unpacked by tar(1), with names, modes and contents', () => {
    const place = work()
    writeFileSync(join(place, 'x.tar'), packTar(entries))

    execFileSync('tar', ['--extract', '--preserve-permissions', '--file', 'x.tar'], { cwd: place })

    for (const { path, kind, mode, content } of entries.filter((each) => each.kind === 'file')) {
      expect(statSync(join(place, path)).isFile()).toBe(kind === 'file')
      expect(statSync(join(place, path)).mode & 0o777).toBe(mode)
      expect(readFileSync(join(place, path))).toEqual(content)
    }
  })

  it('is read as it was packed', () => {
    const read = readTar(packTar(entries))

    expect(read?.map(({ path }) => path)).toEqual(
      entries.map(({ path, kind }) => (kind === 'folder' ? `${path}/` : path)),
    )
    expect(read?.map(({ content }) => content)).toEqual(entries.map(({ content }) => content))
  })

  it('packs an owner whose number has no room in it, since the manifest says it too', () => {
    expect(readTar(packTar([{ ...file('env', 'x'), uid: 1_000_000_000 }]))).toHaveLength(1)
  })

  it.each([
    ['cut in a content', (tar: Buffer) => tar.subarray(0, 512 * 3 + 100)],
    ['cut before its end', (tar: Buffer) => tar.subarray(0, tar.length - 1_024)],
    ['empty', () => Buffer.alloc(0)],
    ['of noise', () => Buffer.alloc(4_096, 7)],
  ])('is refused when it is %s', (_what, change) => {
    expect(readTar(change(packTar(entries)))).toBeUndefined()
  })

  it('is refused when it holds a link, which would lead out of the folder', () => {
    const place = work()
    execFileSync('ln', ['-s', '/etc/passwd', join(place, 'link')])
    const tar = execFileSync('tar', ['--create', '--format=ustar', '--file=-', 'link'], { cwd: place })

    expect(readTar(tar)).toBeUndefined()
  })
})
