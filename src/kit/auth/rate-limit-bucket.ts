/**
 * The key to count under, of Better Auth's `address|path`. A path that no endpoint has, or that carries a token, falls
 * into one bucket per address: a client can invent paths without end, and an index row has no room for 8 kB of one.
 */
export function rateLimitBucket(key: string, knownPaths: ReadonlySet<string>): string {
  const bar = key.indexOf('|')
  const path = key.slice(bar + 1)
  return knownPaths.has(path) ? key : `${key.slice(0, bar)}|other`
}
