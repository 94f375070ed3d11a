/**
 * Servers print expressions, views and functions from their parse trees, and a later major may print them
 * differently. The text before them is the same on all majors; see src/kit/postgres/catalog-lines.ts.
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

/** Removes the part of a catalog line that another major may print differently. */
export function comparableLine(line: string): string {
  const [, from] = written.find(([kind]) => kind.test(line)) ?? []
  return from === undefined ? line : line.replace(from, '')
}
