import type { TableRows } from './manifest.ts'

function byTable(tables: TableRows[]): Map<string, number> {
  return new Map(tables.map(({ schema, name, rows }) => [`${schema}.${name}`, rows]))
}

/** Returns one line per table whose row count differs: 'public.parcels has 3 rows instead of 4'. */
export function rowDifferences(expected: TableRows[], actual: TableRows[]): string[] {
  const wanted = byTable(expected)
  const found = byTable(actual)
  const differing = [...wanted].filter(([table, rows]) => found.get(table) !== rows)
  const surplus = [...found.keys()].filter((table) => !wanted.has(table))
  return [
    ...differing.map(([table, rows]) => `${table} has ${found.get(table) ?? 'no'} rows instead of ${rows}`),
    ...surplus.map((table) => `${table} is not in the manifest`),
  ]
}
