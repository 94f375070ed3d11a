/** For an API that serves no markup, name and value in turn; HSTS belongs to whoever ends TLS. */
export const secureHeaders: readonly string[] = [
  'content-security-policy',
  "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'no-referrer',
  'cache-control',
  'no-store',
]
