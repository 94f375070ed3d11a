import { expect, it } from 'vitest'
import { rateLimitBucket } from '../../../../src/kit/auth/rate-limit-bucket.ts'

const known = new Set(['/sign-in/email'])

it.each([
  ['192.0.2.1|/sign-in/email', '192.0.2.1|/sign-in/email'],
  ['192.0.2.1|/sign-in/email/', '192.0.2.1|other'],
  ['192.0.2.1|/reset-password/secret-token', '192.0.2.1|other'],
  ['2001:db8::|/a|/sign-in/email', '2001:db8::|other'],
  ['no-trusted-ip|/sign-in/email', 'no-trusted-ip|/sign-in/email'],
])('counts %s under %s', (key, bucket) => {
  expect(rateLimitBucket(key, known)).toBe(bucket)
})
