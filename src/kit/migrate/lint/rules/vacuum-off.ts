import type { Rule } from './file-facts.ts'

const off = new Set(['false', 'off', 'no', '0', 'f', 'n'])

/** The storage parameter of a table or of its TOAST table, set by CREATE TABLE or ALTER TABLE. */
export const vacuumOff: Rule = ({ tokens }) =>
  tokens.flatMap((token, index) => {
    const value = tokens[index + 1]?.value === '=' ? tokens[index + 2]?.value : undefined
    const isOff = token.value === 'autovacuum_enabled' && off.has(value?.toLowerCase() ?? '')
    return isOff && token.kind !== 'string' ? [{ rule: 'vacuum-off', line: token.line }] : []
  })
