import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { readFirstLine } from '../../../../../src/kit/backup/drill/read-first-line.ts'

function of(...pieces: string[]): Readable {
  return Readable.from(
    pieces.map((piece) => Buffer.from(piece)),
    { objectMode: false },
  )
}

describe('the first line of a hand-over', () => {
  it.each([
    ['in one piece with the dump', ['{"a":1}\nPGDMP\nrest']],
    ['in pieces of its own', ['{"a"', ':1}', '\n', 'PGDMP\nrest']],
    ['cut at the line break', ['{"a":1}', '\nPGDMP\n', 'rest']],
  ])('is read %s, and the rest stays whole', async (_how, pieces) => {
    const source = of(...pieces)

    expect(await readFirstLine(source)).toBe('{"a":1}')
    expect((await buffer(source)).toString()).toBe('PGDMP\nrest')
  })

  it('leaves no listeners behind when it comes in many pieces', async () => {
    const source = new PassThrough()
    const line = readFirstLine(source)
    for (let piece = 0; piece < 20; piece += 1) {
      source.write('x')
      await nextTurn()
    }
    source.write('\n')

    expect(await line).toBe('x'.repeat(20))
    expect(source.listenerCount('end') + source.listenerCount('error')).toBeLessThanOrEqual(2)
  })

  it('may be all there is', async () => {
    const source = of('{"a":1}\n')

    expect(await readFirstLine(source)).toBe('{"a":1}')
    expect((await buffer(source)).length).toBe(0)
  })

  it('is not taken for one when it broke off', async () => {
    await expect(readFirstLine(of('{"a":'))).rejects.toThrow('the hand-over broke off in its first line')
    await expect(readFirstLine(of())).rejects.toThrow('the hand-over broke off in its first line')
  })

  it('is given up when it does not end', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1024 * 1024, 'x')
      })(),
      { objectMode: false },
    )

    await expect(readFirstLine(endless)).rejects.toThrow('the hand-over broke off')
    endless.destroy()
  })
})
