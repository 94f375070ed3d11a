import { describe, expect, it } from 'vitest'
import { compareExtensions } from '../../../../src/kit/backup/portable/compare-extensions.ts'

function pgcrypto(version: string) {
  return { name: 'pgcrypto', version }
}
const plpgsql = { name: 'plpgsql', version: '1.0' }

describe('extensions of a copy', () => {
  it('within one major › are the same down to their versions', () => {
    expect(
      compareExtensions([pgcrypto('1.3'), plpgsql], [pgcrypto('1.4'), plpgsql], { isSameMajor: true }),
    ).toEqual({
      differences: ['extension pgcrypto 1.3 is missing', 'extension pgcrypto 1.4 is not in the manifest'],
      notes: [],
    })
  })

  it.each([
    { was: '1.3', is: '1.4' },
    { was: '1.9', is: '1.10' },
    { was: '3.4.9', is: '3.5' },
  ])('in a later major › $is is accepted for $was, and said', ({ was, is }) => {
    expect(
      compareExtensions([pgcrypto(was), plpgsql], [pgcrypto(is), plpgsql], { isSameMajor: false }),
    ).toEqual({
      differences: [],
      notes: [`extension pgcrypto is of version ${is} now, and was of ${was}`],
    })
  })

  it('in a later major › an older one, one that is missing and one too many are differences', () => {
    expect(
      compareExtensions(
        [pgcrypto('1.10'), { name: 'hstore', version: '1.8' }],
        [pgcrypto('1.9'), { name: 'citext', version: '1.8' }],
        { isSameMajor: false },
      ),
    ).toEqual({
      differences: [
        'extension hstore is missing',
        'extension citext is not in the manifest',
        'extension pgcrypto is of version 1.9, older than 1.10',
      ],
      notes: [],
    })
  })

  it('in a later major › equal versions are not worth a word', () => {
    expect(compareExtensions([plpgsql], [plpgsql], { isSameMajor: false })).toEqual({
      differences: [],
      notes: [],
    })
  })
})
