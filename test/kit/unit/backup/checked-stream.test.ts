import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { checkedStream } from '../../../../src/kit/backup/portable/checked-stream.ts'

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

function contentOf(text: string) {
  return {
    file: 'database.dump',
    bytes: 0,
    sha256: sha256(text),
    plainBytes: 0,
    plainSha256: sha256(text),
  }
}

/** What a reader had in hand before the stream ended or failed. */
async function readAll(pieces: Iterable<string>, text: string) {
  const stream = checkedStream(Readable.from(pieces, { objectMode: false }), contentOf(text), 'it')
  let read = ''
  try {
    for await (const piece of stream) read += String(piece)
    return { read, fault: undefined }
  } catch (err) {
    return { read, fault: (err as Error).message }
  }
}

describe('a stream that is checked', () => {
  it('gives out all of what has the right checksum', async () => {
    expect(await readAll(['one', 'two', 'three'], 'onetwothree')).toEqual({
      read: 'onetwothree',
      fault: undefined,
    })
    expect(await readAll([], '')).toEqual({ read: '', fault: undefined })
  })

  it('never gives out the last piece of anything else', async () => {
    const { read, fault } = await readAll(['one', 'two', 'thrEe'], 'onetwothree')

    expect('onetwo').toContain(read)
    expect(fault).toContain('its content is not what the manifest says')
  })

  it('fails with the fault of its source, and keeps the last piece back', async () => {
    const broken = (function* () {
      yield 'onetwothree'
      throw new Error('the disk is gone')
    })()

    expect(await readAll(broken, 'onetwothree')).toEqual({ read: '', fault: 'the disk is gone' })
  })
})
