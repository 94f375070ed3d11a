/**
 * Servers write expressions, views and functions out of their own parse trees, and a later major may write the same one in
 * another way. What stands before that is the same on all of them: src/kit/postgres/catalog-lines.ts.
 */
const written: [kind: RegExp, from: RegExp][] = [
  [/^(materialized )?view /, / as [0-9a-f]{32}$/],
  [/^column /, / default .*$/s],
  [/^constraint /, / (CHECK|EXCLUDE) .*$/s],
  [/^index /, / USING .*$/s],
  [/^function /, / [0-9a-f]{32}$/],
  [/^trigger /, / WHEN .*$/s],
  [/^policy /, / (using|check) .*$/s],
]

/** The line without what another major may write differently. */
export function comparableLine(line: string): string {
  const [, from] = written.find(([kind]) => kind.test(line)) ?? []
  return from === undefined ? line : line.replace(from, '')
}
