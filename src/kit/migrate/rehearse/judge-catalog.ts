import type { CatalogFact, CatalogFacts, GainKind, LossKind, SequenceFact } from './catalog-facts.ts'

export interface CatalogDraft {
  rule: 'rehearsal-loss' | 'rehearsal-gain'
  sentence: string
  hint: string
}

const contract =
  'release code that no longer needs it first, then remove it in a later release with an acknowledgement'
const keep = 'remove the statement; the right, owner or setting stays as it is'

const losses: Record<LossKind, { sentence: (fact: string) => string; hint: string }> = {
  relation: { sentence: (fact) => `the ${fact} is gone`, hint: contract },
  column: { sentence: (fact) => `the column ${fact} is gone`, hint: contract },
  default: {
    sentence: (fact) =>
      `the column ${fact} has no default any more, and INSERT of the running version leaves it out`,
    hint: 'keep the default until no running version leaves the column out',
  },
  generated: { sentence: (fact) => `the column ${fact} is no longer generated`, hint: contract },
  identity: {
    sentence: (fact) => `the identity of ${fact} is dropped or changed`,
    hint: 'leave the identity as it is; a new key goes into a new column',
  },
  sequence: {
    sentence: (fact) => `the sequence is no longer ${fact}`,
    hint: 'leave increment, cycle and owner of a sequence in use as they are',
  },
  'unique key': {
    sentence: (fact) => `the unique key ${fact} is gone: ON CONFLICT fails and duplicates get in`,
    hint: 'build the new unique index first, release code that uses it, then drop the old one',
  },
  'primary key': {
    sentence: (fact) => `the primary key ${fact} is gone`,
    hint: 'keep it; a new key is built beside it as a unique index',
  },
  'foreign key': {
    sentence: (fact) => `${fact} is gone: deletes no longer reach or refuse the rows that refer to them`,
    hint: 'add the new foreign key NOT VALID with the same columns and actions in the statement that drops the old one',
  },
  exclusion: { sentence: (fact) => `${fact} is gone`, hint: contract },
  owner: {
    sentence: (fact) => `it no longer belongs to ${fact}, and later migrations cannot change it`,
    hint: keep,
  },
  privilege: { sentence: (fact) => `the right ${fact} is taken away`, hint: keep },
  'default privilege': {
    sentence: (fact) => `the default right ${fact} is taken away, so that the next table cannot be used`,
    hint: keep,
  },
  label: { sentence: (fact) => `the enum value ${fact} is gone`, hint: contract },
  function: { sentence: (fact) => `the function ${fact} is gone`, hint: contract },
  trigger: { sentence: (fact) => `the trigger ${fact} no longer fires`, hint: contract },
  'row security': {
    sentence: (fact) => `row security is no longer ${fact}: rows of others become visible`,
    hint: keep,
  },
  setting: { sentence: (fact) => `the setting "${fact}" is gone`, hint: keep },
  extension: { sentence: (fact) => `the extension ${fact} is gone`, hint: contract },
}

const gains: Record<GainKind, { sentence: (fact: string) => string; hint: string }> = {
  trigger: {
    sentence: (fact) => `the trigger ${fact} runs for each row that the running version writes`,
    hint: 'write both places in code, or acknowledge the trigger after a rehearsal that shows its cost',
  },
  rule: {
    sentence: (fact) => `the rule ${fact} changes the statements of the running version`,
    hint: 'write both places in code',
  },
  vacuum: {
    sentence: (fact) => `${fact} keeps autovacuum away: the table grows without end`,
    hint: 'leave autovacuum on; lower autovacuum_vacuum_scale_factor to make it work more often',
  },
  shadow: {
    sentence: (fact) =>
      `${fact} hides the table of that name from every statement that does not name the schema`,
    hint: 'give it a name that no table has',
  },
  setting: {
    sentence: (fact) => `the setting "${fact}" is new and changes how later statements or sessions run`,
    hint: 'remove it; qualify names with their schema instead of changing search_path',
  },
}

/**
 * Objects to catalog entries that a version of the code may rely on and one statement removed, and to additions that
 * harm that version. `seeded` holds the sequences before the traffic, which draws from them.
 */
export function objectToCatalog(
  before: CatalogFacts,
  after: CatalogFacts,
  seeded: readonly SequenceFact[],
): CatalogDraft[] {
  const old = new Set(before.facts.map(key))
  const now = new Set(after.facts.map(key))
  const lost = before.facts.filter((fact) => isLossKind(fact.kind) && !now.has(key(fact)))
  const gained = after.facts.filter((fact) => isGainKind(fact.kind) && !old.has(key(fact)))
  const left = new Set(after.facts.filter(({ kind }) => kind === 'relation').map(({ relation }) => relation))
  const had = new Set(before.facts.filter(({ kind }) => kind === 'relation').map(({ relation }) => relation))
  return [
    ...lost.filter((fact) => isNews(fact, left, after)).map((fact) => draft('rehearsal-loss', fact, losses)),
    ...gained
      // Triggers of a new table are part of it.
      .filter(({ kind, relation }) => kind === 'vacuum' || relation === '' || had.has(relation))
      .map((fact) => draft('rehearsal-gain', fact, gains)),
    ...before.sequences.flatMap((sequence) => objectToSequence(sequence, after.sequences, seeded)),
  ]
}

function key({ kind, relation, fact }: CatalogFact): string {
  return JSON.stringify([kind, relation, fact])
}
function isLossKind(kind: string): kind is LossKind {
  return Object.hasOwn(losses, kind)
}
function isGainKind(kind: string): kind is GainKind {
  return Object.hasOwn(gains, kind)
}

/** Reports a dropped table or column once, without its dependants, and a changed setting by its new value. */
function isNews(
  { kind, relation, fact }: CatalogFact,
  left: ReadonlySet<string>,
  after: CatalogFacts,
): boolean {
  if (kind === 'setting') return !fact.startsWith('session: ')
  if (kind === 'relation' || relation === '') return true
  if (!left.has(relation)) return false
  if (!['default', 'identity', 'generated'].includes(kind)) return true
  const column = fact.replace(/ (always|by default)$/, '')
  return after.facts.some(
    (each) => each.kind === 'column' && each.relation === relation && each.fact === column,
  )
}

function draft(
  rule: CatalogDraft['rule'],
  { kind, relation, fact }: CatalogFact,
  texts: Partial<Record<string, { sentence: (fact: string) => string; hint: string }>>,
): CatalogDraft {
  const text = texts[kind]
  const about = relation === '' ? '' : `${relation}: `
  return { rule, sentence: `${about}${text?.sentence(fact) ?? fact}`, hint: text?.hint ?? contract }
}

/** Objects to narrower bounds and a step back; wider bounds and a step forward are harmless. */
function objectToSequence(
  before: SequenceFact,
  all: readonly SequenceFact[],
  seeded: readonly SequenceFact[],
): CatalogDraft[] {
  const after = byName(all, before)
  const start = byName(seeded, before)
  if (after === undefined) return []
  const sentences: string[] = []
  if (BigInt(after.max) < BigInt(before.max) || BigInt(after.min) > BigInt(before.min))
    sentences.push(`${before.name}: the sequence ends earlier, at ${after.min} and ${after.max}`)
  if (start && isBehind(after, start) && !isBehind(before, start))
    sentences.push(`${before.name}: the sequence goes back, to numbers that are taken`)
  return sentences.map((sentence) => ({
    rule: 'rehearsal-loss',
    sentence,
    hint: 'leave the sequence alone, or set it with setval() to the highest id in use',
  }))
}

function byName(all: readonly SequenceFact[], { name }: SequenceFact): SequenceFact | undefined {
  return all.find((each) => each.name === name)
}

function isBehind({ last }: SequenceFact, start: SequenceFact): boolean {
  if (start.last === null) return false
  if (last === null) return true
  const step = BigInt(last) - BigInt(start.last)
  return start.ascending ? step < 0n : step > 0n
}
