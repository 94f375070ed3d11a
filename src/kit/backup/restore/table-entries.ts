import { CommandError } from '../../errors.ts'
import type { Manifest, TableRows } from '../portable/manifest.ts'

export type TableName = Pick<TableRows, 'schema' | 'name'>

/**
 * Entry types skipped for one table: other rows, foreign keys, triggers, objects outside of tables, grants
 * and comments. The structure stays complete, because columns need types and defaults need functions.
 */
const leftOut = [
  'TABLE DATA',
  'MATERIALIZED VIEW DATA',
  'FK CONSTRAINT',
  'TRIGGER',
  'EVENT TRIGGER',
  'BLOB',
  'BLOB METADATA',
  'BLOBS',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'SUBSCRIPTION',
  'SUBSCRIPTION TABLE',
  'ACL',
  'DEFAULT ACL',
  'COMMENT',
  'SECURITY LABEL',
]

const entryPattern = /^\d+; \d+ \d+ (.+)$/

/** pg_restore prints line breaks in names as spaces. */
function printed(name: string): string {
  return name.replace(/[\r\n]/g, ' ')
}

/** Filters the output of `pg_restore --list` for `--use-list`: the structure and the rows of one table. */
export function entriesForTable(listing: string, { schema, name, owner }: TableRows): string {
  const wanted = `TABLE DATA ${printed(schema)} ${printed(name)} ${printed(owner)}`
  const isKept = (line: string): boolean => {
    const entry = entryPattern.exec(line)?.[1]
    if (entry === undefined) return false
    return entry === wanted || !leftOut.some((type) => entry.startsWith(`${type} `))
  }
  return `${listing.split('\n').filter(isKept).join('\n')}\n`
}

/** Parses 'schema.name', split at the first dot; 'name' is in the schema public. */
export function parseTableName(given: string): TableName {
  const dot = given.indexOf('.')
  return dot < 0
    ? { schema: 'public', name: given }
    : { schema: given.slice(0, dot), name: given.slice(dot + 1) }
}

export function findTable(
  { tables, name: backup }: Manifest,
  { schema, name }: TableName,
): Manifest['tables'][number] {
  const found = tables.find((table) => table.schema === schema && table.name === name)
  if (found !== undefined) return found
  throw new CommandError('not_found', `backup ${backup} holds no table ${schema}.${name}`, {
    hint: 'a partitioned table is fetched partition by partition; its manifest.json lists all tables',
  })
}
