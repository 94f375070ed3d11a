import type { Statement } from '../../sql/split-statements.ts'
import type { RuleName } from './rule-table.ts'

/** Finding of one rule in one statement; `lint-sql.ts` adds the file and the texts. */
export interface Found {
  rule: RuleName
  line: number
  /** The table, column or setting it is about, for the message. */
  subject?: string
}

/** A finding and the statement it stands in, by index; undefined for what belongs to the file. */
export interface Placed extends Found {
  statement: number | undefined
}

/** Proof that no row holds NULL in a column: a validated CHECK (column IS NOT NULL). Kept across files. */
export interface NullProof {
  table: string
  constraint: string
  column: string
  validated: boolean
}

/** Objects made by earlier files. */
export interface KnownObjects {
  tables: Set<string>
  partitioned: Set<string>
  dangerousFunctions: Set<string>
}

export function nothingKnown(): KnownObjects {
  return { tables: new Set(), partitioned: new Set(), dangerousFunctions: new Set() }
}

/** Effects of earlier statements of the same file; updated in reading order. */
export interface FileFacts {
  transactional: boolean
  statements: readonly Statement[]
  /** Tables created here: `certain`, or `maybe` by IF NOT EXISTS, which could be an old table with rows. */
  created: Map<string, 'certain' | 'maybe'>
  dangerousFunctions: Set<string>
  /** Enum values added here, which the same transaction cannot use. */
  enumValues: Set<string>
  /** Existing tables that this transaction holds a blocking lock on. */
  locked: Set<string>
  /** A lock on an existing table is held for a schema change. */
  changesSchema: boolean
  /** Rows of an existing table have been changed or copied. */
  changesRows: boolean
  nullProofs: NullProof[]
  known: KnownObjects
}

export type Rule = (statement: Statement, facts: FileFacts) => Found[]

export function createFileFacts(
  statements: readonly Statement[],
  transactional: boolean,
  nullProofs: NullProof[],
  known: KnownObjects = nothingKnown(),
): FileFacts {
  return {
    transactional,
    statements,
    created: new Map(),
    dangerousFunctions: new Set(known.dangerousFunctions),
    enumValues: new Set(),
    locked: new Set(),
    changesSchema: false,
    changesRows: false,
    nullProofs,
    known,
  }
}

/** Returns false for a table that this file creates: no other session can see it or wait for it. */
export function isExisting(facts: FileFacts, table: string): boolean {
  return !facts.created.has(table)
}

/** For destructive statements IF NOT EXISTS proves nothing: the table may have existed. */
export function mayHoldRows(facts: FileFacts, table: string): boolean {
  return facts.created.get(table) !== 'certain'
}
