import type { Session } from './open-session.ts'

export interface ConcurrentIndex {
  name: string
  /** As written, for to_regclass. */
  table: string
}

export interface FoundIndex {
  /** Qualified and quoted, as the server writes it. */
  index: string
  is_valid: boolean
  definition: string
}

const identifier = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`
const pattern = new RegExp(
  String.raw`^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(${identifier})\s+on\s+(?:only\s+)?(${identifier}(?:\s*\.\s*${identifier})?)`,
  'iu',
)

const comments = /--[^\n]*(\n|$)|\/\*[\s\S]*?\*\//g

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Parses CREATE INDEX CONCURRENTLY; returns undefined for any other statement. */
export function parseConcurrentIndex(statement: string): ConcurrentIndex | undefined {
  const match = pattern.exec(statement.replace(comments, ' ').trim())
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  return { name: unquote(match[1]), table: match[2] }
}

/** Looks up an index of this name on the table; undefined when there is none. */
export async function findIndex(session: Session, index: ConcurrentIndex): Promise<FoundIndex | undefined> {
  const [found] = await session.run<FoundIndex & Record<string, unknown>>(
    `select format('%I.%I', n.nspname, c.relname) as index, i.indisvalid as is_valid,
            pg_get_indexdef(i.indexrelid) as definition
     from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
     where c.relname = ${literal(index.name)} and i.indrelid = to_regclass(${literal(index.table)})`,
  )
  return found
}

const quoted = /("(?:[^"]|"")*"|'(?:[^']|'')*')/

/** Applies `change` to what stands outside quotes. */
function outsideQuotes(text: string, change: (part: string) => string): string {
  return text
    .split(quoted)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join('')
}

function unquoteSimple(text: string): string {
  return outsideQuotes(text, (part) => part.toLowerCase()).replace(/"([a-z_][a-z0-9_$]*)"/g, '$1')
}

function dropNoise(part: string): string {
  return part
    .replace(/\b(concurrently|if\s+not\s+exists|using\s+btree|only|asc|nulls\s+last)\b/g, ' ')
    .replace(/\bon\s+[\w$]+\s*\.\s*/, 'on ')
    .replace(/[\s;]/g, '')
}

function normalize(text: string): string {
  return outsideQuotes(unquoteSimple(text.replace(comments, ' ')), dropNoise)
}

/** Returns true when the existing index matches the statement; false in doubt, so that the server decides. */
export function isSameIndex(statement: string, found: FoundIndex): boolean {
  return normalize(statement) === normalize(found.definition)
}
