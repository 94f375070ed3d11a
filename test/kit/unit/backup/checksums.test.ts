import { describe, expect, it } from 'vitest'
import { parseChecksums, renderChecksums } from '../../../../src/kit/backup/portable/checksums.ts'

const sum = 'ab'.repeat(32)

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
