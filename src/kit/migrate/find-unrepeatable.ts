import { acknowledge } from './lint/rules/acknowledge.ts'
import type { Placed } from './lint/rules/file-facts.ts'
import { isRepeatable, isTransactionControl } from './lint/rules/repeatable.ts'
import { splitStatements } from './sql/split-statements.ts'
import { CommandError } from '../errors.ts'
import type { MigrationFile } from './read-migrations.ts'

export interface Unrepeatable {
  /** From 1, as the breakpoints count. */
  statement: number
  line: number
}

/**
 * The statements that a second run after a kill would do twice: those of a file outside a transaction that are not repeatable by
 * form, and whatever follows a COMMIT inside a transaction. A reason given to the linter counts here too.
 */
export function findUnrepeatable(file: MigrationFile): Unrepeatable[] {
  const split = splitStatements(file.statements.join('--> statement-breakpoint'))
  const found = split.statements.flatMap(({ tokens, line }, index): Placed[] => {
    if (!file.isTransactional && index === 0) return []
    if (isTransactionControl(tokens)) return [{ rule: 'transaction-control', line, statement: index }]
    if (file.isTransactional || isRepeatable(tokens)) return []
    return [{ rule: 'not-repeatable', line, statement: index }]
  })
  return acknowledge(split, found)
    .filter(({ rule }) => rule === 'not-repeatable' || rule === 'transaction-control')
    .map(({ line, statement = 0 }) => ({ line, statement: (split.statements[statement]?.chunk ?? 0) + 1 }))
}

/** Throws for the first statement of `files` that must not run, since a kill in the middle would make it run twice. */
export function refuseUnrepeatable(files: readonly MigrationFile[]): void {
  for (const file of files) {
    const [first] = findUnrepeatable(file)
    if (first === undefined) continue
    const where = `${file.tag}: statement ${first.statement} (line ${first.line})`
    throw new CommandError(
      'usage',
      `${where} is committed by itself and cannot be repeated: after a kill it would run twice`,
      {
        hint: 'move it into a file of its own without COMMIT, or write it so that a second run changes nothing (IF NOT EXISTS, IF EXISTS)',
        fields: { file: file.tag, ...first },
      },
    )
  }
}
