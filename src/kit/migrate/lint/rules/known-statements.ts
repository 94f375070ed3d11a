import type { Rule } from './file-facts.ts'

const commands = new Set(
  (
    'abort alter analyze begin call checkpoint close cluster comment commit copy create deallocate declare delete discard do drop end ' +
    'execute explain fetch grant import insert listen load lock merge move notify prepare reassign refresh reindex release repack reset ' +
    'revoke rollback savepoint security select set show start table truncate unlisten update vacuum values with'
  ).split(' '),
)

/** Catches psql commands and the halves of a statement that a breakpoint has cut. */
export const knownStatement: Rule = ({ tokens, line }) => {
  const [first] = tokens
  if (!first || first.value === '(' || (first.kind === 'word' && commands.has(first.value))) return []
  return [{ rule: 'unknown-statement', line, subject: first.value }]
}
