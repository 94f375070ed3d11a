import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import {
  createProgress,
  progressText,
  withProgress,
  type Expected,
} from '../../../../src/kit/host/progress.ts'

const mebibyte = 1024 * 1024

function after(doneBytes: number, elapsedMs: number, expected?: Expected): string {
  return progressText('restore', { doneBytes, elapsedMs }, expected)
}

/** A terminal that notes what is written, and a clock that a test moves. */
function watch(expected?: Expected) {
  const written: string[] = []
  let now = 5_000
  const open = createProgress({ write: (piece) => void written.push(piece), nowMs: () => now })
  const progress = open('dump', expected)
  return {
    progress,
    written,
    advance: (ms: number, bytes: number): void => {
      now += ms
      progress.advance(bytes)
    },
  }
}

describe('progressText', () => {
  it('says how much of how much, how quickly, and how long it still takes', () => {
    expect(after(64 * mebibyte, 4_000, { bytes: 256 * mebibyte, isAbout: false })).toBe(
      'restore: 64.0 MiB of 256.0 MiB, 25 %, 12 s left, 16.0 MiB/s',
    )
  })

  it('says about where the whole is computed from an earlier run', () => {
    expect(after(64 * mebibyte, 4_000, { bytes: 256 * mebibyte, isAbout: true })).toBe(
      'restore: 64.0 MiB of about 256.0 MiB, 25 %, about 12 s left, 16.0 MiB/s',
    )
  })

  it('promises nothing where the whole is not known, or was less than what came', () => {
    const expected = { bytes: 16 * mebibyte, isAbout: true }

    expect(after(64 * mebibyte, 4_000)).toBe('restore: 64.0 MiB, 16.0 MiB/s')
    expect(after(64 * mebibyte, 4_000, expected)).toBe('restore: 64.0 MiB, 16.0 MiB/s')
  })

  it('shows whole numbers before the first byte and for slow ones', () => {
    expect(after(0, 4_000, { bytes: 16, isAbout: false })).toBe('restore: 0 B, 0 B/s')
    expect(after(100, 3_000)).toBe('restore: 100 B, 33 B/s')
  })
})

describe('createProgress', () => {
  it('shows nothing of what is over within a second', () => {
    const { progress, written, advance } = watch()

    advance(500, 10)
    advance(499, 10)
    progress.end()

    expect(written).toEqual([])
  })

  it('writes one line over and over, five times a second at most, and removes it at the end', () => {
    const { progress, written, advance } = watch({ bytes: 2_000, isAbout: false })

    advance(1_000, 500)
    advance(100, 100)
    advance(99, 100)
    advance(1, 300)
    progress.end()
    progress.end()

    expect(written).toEqual([
      '\r\u001b[Kdump: 500 B of 2.0 KiB, 25 %, 3 s left, 500 B/s',
      '\r\u001b[Kdump: 1000 B of 2.0 KiB, 50 %, 1 s left, 833 B/s',
      '\r\u001b[K',
    ])
  })
})

describe('withProgress', () => {
  it('passes every byte on and counts it', async () => {
    const { progress, written, advance } = watch()
    advance(1_000, 0)

    const passed = await text(withProgress(Readable.from([Buffer.from('ab'), Buffer.from('c')]), progress))

    expect(passed).toBe('abc')
    expect(written.at(-1)).toBe('\r\u001b[K')
  })

  it('hands a fault of the source on, and removes the line', async () => {
    const { progress, written, advance } = watch()
    advance(1_000, 0)
    const broken = Readable.from(
      (async function* () {
        yield await Promise.resolve(Buffer.from('ab'))
        throw new Error('the disk is gone')
      })(),
    )

    await expect(text(withProgress(broken, progress))).rejects.toThrow('the disk is gone')

    expect(written.at(-1)).toBe('\r\u001b[K')
  })

  it('is the very same stream where nobody looks', () => {
    const source = Readable.from([])

    expect(withProgress(source, undefined)).toBe(source)
  })
})
