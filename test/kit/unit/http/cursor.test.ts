import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  beforeFirstPage,
  decodeOrderCursor,
  decodeTimeCursor,
  encodeOrderCursor,
  encodeTimeCursor,
} from '../../../../src/kit/http/rest/cursor.ts'

const someId = '019aa0b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'
const position = fc.record({
  createdAt: fc.date({ min: new Date(0), max: beforeFirstPage.createdAt, noInvalidDate: true }),
  id: fc.uuid(),
})
const refused = { kind: 'invalid_request' }

function thrownBy(decode: (cursor: string) => unknown, cursor: string): unknown {
  try {
    return { decoded: decode(cursor) }
  } catch (err) {
    return err
  }
}

describe('time cursor', () => {
  it('comes back as the place it was made of', () => {
    fc.assert(
      fc.property(position, (place) => {
        expect(decodeTimeCursor(encodeTimeCursor(place))).toEqual(place)
      }),
    )
  })

  it('stays within what a URL carries unescaped', () => {
    fc.assert(
      fc.property(position, (place) => {
        expect(encodeTimeCursor(place)).toMatch(/^[\w-]{1,80}$/)
      }),
    )
  })

  it('is refused for whatever a client makes up, and never ends in another error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.base64String()), (cursor) => {
        expect(thrownBy(decodeTimeCursor, cursor)).toMatchObject(refused)
      }),
    )
  })

  it('is refused when any one of its letters is another', () => {
    const cursor = encodeTimeCursor({ createdAt: new Date(1_790_000_000_123), id: someId })
    fc.assert(
      fc.property(
        fc.nat(cursor.length - 1),
        fc.constantFrom('=', '+', '/', '%', ' ', '\u0000'),
        (at, letter) => {
          const forged = cursor.slice(0, at) + letter + cursor.slice(at + 1)
          expect(thrownBy(decodeTimeCursor, forged)).toMatchObject(refused)
        },
      ),
    )
  })

  it.each([
    ['nothing', ''],
    ['a place of the other kind', encodeOrderCursor(7)],
    ['an id that is no uuid', opaque(`t:1:${'-'.repeat(36)}`)],
    ['an instant after year 9999', opaque(`t:253402300800001:${someId}`)],
    ['a negative instant', opaque(`t:-1:${someId}`)],
    ['padding', `${opaque(`t:1:${someId}`)}=`],
    ['a line break', `${opaque(`t:1:${someId}`)}\n`],
  ])('is refused for %s', (_case, cursor) => {
    expect(thrownBy(decodeTimeCursor, cursor)).toMatchObject(refused)
  })
})

describe('order cursor', () => {
  it('comes back as the position it was made of', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_147_483_647 }), (place) => {
        expect(decodeOrderCursor(encodeOrderCursor(place))).toBe(place)
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['a place of the other kind', encodeTimeCursor({ createdAt: new Date(0), id: someId })],
    ['a position beyond integer', opaque('o:2147483648')],
    ['a fraction', opaque('o:1.5')],
  ])('is refused for %s', (_case, cursor) => {
    expect(thrownBy(decodeOrderCursor, cursor)).toMatchObject(refused)
  })
})

function opaque(plain: string): string {
  return Buffer.from(plain).toString('base64url')
}
