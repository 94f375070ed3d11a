/** Names and values alternately, for an API that serves no markup. The proxy that terminates TLS sets HSTS. */
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
