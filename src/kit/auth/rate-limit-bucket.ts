/**
 * Returns the key to count under for Better Auth's `address|path`. Paths without an endpoint and paths with a token
 * share one bucket per address: a client can invent any number of paths, and an index row has no room for one of 8
 * kB.
 */
export function rateLimitBucket(key: string, knownPaths: ReadonlySet<string>): string {
  const bar = key.indexOf('|')
  const path = key.slice(bar + 1)
  return knownPaths.has(path) ? key : `${key.slice(0, bar)}|other`
}
