import { readSequences, type Sequence } from './database-facts.ts'
import type { Session } from '../../postgres/session.ts'

function nameOf({ schema, name }: Pick<Sequence, 'schema' | 'name'>): string {
  return `${schema}.${name}`
}

/** Returns a number that orders two states of a sequence. */
function placeOf({ lastValue, isCalled }: Sequence, isDescending: boolean): bigint {
  const place = BigInt(lastValue) * (isDescending ? -1n : 1n)
  return isCalled ? place : place - 1n
}

/**
 * Returns one line per sequence that is missing or would return a value again. A sequence may be ahead:
 * sequences ignore snapshots, and the dump reads them after the manifest.
 */
export function sequenceDifferences(
  expected: Sequence[],
  actual: Sequence[],
  descending: Set<string>,
): string[] {
  const found = new Map(actual.map((sequence) => [nameOf(sequence), sequence]))
  const wanted = new Set(expected.map(nameOf))
  const missing = expected.flatMap((sequence) => {
    const name = nameOf(sequence)
    const other = found.get(name)
    if (other === undefined) return [`sequence ${name} is missing`]
    const isBehind = placeOf(other, descending.has(name)) < placeOf(sequence, descending.has(name))
    return isBehind ? [`sequence ${name} is at ${other.lastValue} instead of ${sequence.lastValue}`] : []
  })
  const surplus = [...found.keys()].filter((name) => !wanted.has(name))
  return [...missing, ...surplus.map((name) => `sequence ${name} is not in the manifest`)]
}

async function readDescending(session: Session): Promise<Set<string>> {
  const rows = await session<{ schema: string; name: string }[]>`
    select n.nspname as schema, c.relname as name
    from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    where s.seqincrement < 0`
  return new Set(rows.map(nameOf))
}

/** A manifest of format 1 has no sequences to compare. */
export async function compareSequences(session: Session, expected: Sequence[] | null): Promise<string[]> {
  return expected === null
    ? []
    : sequenceDifferences(expected, await readSequences(session), await readDescending(session))
}
