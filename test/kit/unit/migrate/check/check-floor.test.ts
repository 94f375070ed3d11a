import { describe, expect, it } from 'vitest'
import { checkFloor } from '../../../../../src/kit/migrate/check/check-floor.ts'

function fileOf(tag: string, statement: string) {
  return {
    position: 1,
    tag,
    when: 1,
    hash: '',
    otherLineEndingHashes: [],
    statements: [statement],
    isTransactional: true,
  }
}

function setFloor(tag: string): string {
  return `COMMENT ON TABLE "drizzle"."__drizzle_migrations" IS 'slipway:floor ${tag}';`
}

describe('checkFloor', () => {
  it('lets a floor at an earlier migration or at the file itself pass', () => {
    const files = [
      fileOf('0000_a', 'SELECT 1'),
      fileOf('0001_b', setFloor('0000_a')),
      fileOf('0002_c', setFloor('0002_c')),
    ]

    expect(checkFloor(files)).toEqual([])
  })

  it.each(['0001_typo', '0002_later', ''])(
    'refuses the floor %j, which would take every image out of service',
    (tag) => {
      const files = [
        fileOf('0000_a', 'SELECT 1'),
        fileOf('0001_b', setFloor(tag)),
        fileOf('0002_later', 'SELECT 1'),
      ]

      expect(checkFloor(files)).toMatchObject([
        { message: `0001_b sets the floor to ${tag}, which is not a migration up to this one` },
      ])
    },
  )
})
