import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readSessionToken } from '../../../../src/kit/auth/read-session-token.ts'

const secret = 'a secret of more than thirty-two characters'
function sign(token: string, by = secret) {
  return `${token}.${createHmac('sha256', by).update(token).digest('base64')}`
}

it('reads the token of a signature that is ours, dots in it and all', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (token) => {
      expect(readSessionToken(sign(token), secret)).toBe(token)
    }),
  )
})

it('reads nothing from what was signed by another secret or not at all', () => {
  fc.assert(
    fc.property(fc.string(), (token) => {
      expect(readSessionToken(sign(token, `${secret}!`), secret)).toBeUndefined()
      expect(readSessionToken(token, secret)).toBeUndefined()
    }),
  )
})

it.each([undefined, '', '.', `.${createHmac('sha256', secret).update('').digest('base64')}`])(
  'reads nothing from %j',
  (value) => {
    expect(readSessionToken(value, secret)).toBeUndefined()
  },
)
