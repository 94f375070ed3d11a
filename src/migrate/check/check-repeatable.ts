import { parseConcurrentIndex } from '../concurrent-index.ts'
import type { MigrationFile } from '../read-migrations.ts'
import type { Fault } from './fault.ts'

const comments = /--[^\n]*(\n|$)|\/\*[\s\S]*?\*\//g

/** Statements that fail when they have run before; the runner itself takes care of CREATE INDEX CONCURRENTLY. */
const isRepeatable = (statement: string): boolean => {
  const text = statement.replace(comments, ' ').trim()
  if (parseConcurrentIndex(text) !== undefined) return true
  if (/^create\b/i.test(text)) return /\bif\s+not\s+exists\b|^create\s+or\s+replace\b/i.test(text)
  if (/^drop\b/i.test(text)) return /\bif\s+exists\b/i.test(text)
  if (/\badd\s+value\b/i.test(text)) return /\badd\s+value\s+if\s+not\s+exists\b/i.test(text)
  if (/\badd\s+column\b/i.test(text)) return /\badd\s+column\s+if\s+not\s+exists\b/i.test(text)
  return true
}

/** A run that dies in a file outside a transaction starts that file again. */
export const checkRepeatable = (files: MigrationFile[]): Fault[] =>
  files
    .filter((file) => !file.isTransactional)
    .flatMap((file) =>
      file.statements.flatMap((statement, index): Fault[] => {
        if (isRepeatable(statement)) return []
        const message = `${file.tag}: statement ${index + 1} runs outside a transaction and cannot be repeated`
        const hint = 'add IF NOT EXISTS or IF EXISTS, and give an index a name'
        return [{ exit: 'configuration', subject: `${file.tag}.sql`, message, hint }]
      }),
    )
