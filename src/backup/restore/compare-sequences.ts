import { BackupError } from '../backup-error.ts'
import { readSequences, type Sequence } from '../portable/database-facts.ts'
import type { Session } from '../session.ts'

const shownSequences = 5

const keyOf = ({ schema, name }: Pick<Sequence, 'schema' | 'name'>): string => `${schema}.${name}`

/**
 * No snapshot covers a sequence: the dump reads it a moment later than the manifest, so that it may be further on. Behind
 * it may never be, for a value that was given out would be given out again.
 */
const isBehind = (expected: Sequence, found: Sequence | undefined, isFalling: boolean): boolean => {
  if (found === undefined) return true
  const ahead = BigInt(found.lastValue) - BigInt(expected.lastValue)
  if (ahead === 0n) return expected.isCalled && !found.isCalled
  return isFalling ? ahead > 0n : ahead < 0n
}

/** One line per sequence that is behind: 'public.x_id_seq stands at 3 instead of 4'. */
export const sequenceDifferences = (
  expected: Sequence[],
  found: Sequence[],
  falling: ReadonlySet<string>,
): string[] => {
  const standing = new Map(found.map((sequence) => [keyOf(sequence), sequence]))
  return expected
    .filter((each) => isBehind(each, standing.get(keyOf(each)), falling.has(keyOf(each))))
    .map((each) => {
      const { lastValue = 'nothing' } = standing.get(keyOf(each)) ?? {}
      return `${keyOf(each)} stands at ${lastValue} instead of ${each.lastValue}`
    })
}

const readFalling = async (session: Session): Promise<Set<string>> => {
  const rows = await session<Pick<Sequence, 'schema' | 'name'>[]>`
    select n.nspname as schema, c.relname as name
    from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    where s.seqincrement < 0`
  return new Set(rows.map(keyOf))
}

export const refuseOtherSequences = async (session: Session, expected: Sequence[]): Promise<void> => {
  const found = await readSequences(session)
  const differences = sequenceDifferences(expected, found, await readFalling(session))
  if (differences.length === 0) return
  throw new BackupError(
    'verification_failed',
    `what was restored is not what was backed up: sequence ${differences.slice(0, shownSequences).join('; ')}`,
    'the live database was not touched; use another backup: make backups',
  )
}
