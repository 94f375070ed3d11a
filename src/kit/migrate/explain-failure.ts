import { isUnavailable, pgError } from '../postgres/pg-error.ts'
import { errorCode } from './error-code.ts'
import { CommandError } from '../errors.ts'
import type { MigrationFile } from './read-migrations.ts'
import type { StatementError } from './statement-error.ts'

const header = '`-- why this runs outside a transaction` and `COMMIT;--> statement-breakpoint`'

const hints: Record<string, string> = {
  '25001': `this statement cannot run in a transaction: open the file with ${header}, one statement per breakpoint`,
  '55P04': 'a new enum value can be used only after its file is committed: move its use into a later file',
  '57014': 'statement_timeout ran out: split the file, or raise MIGRATE_STATEMENT_TIMEOUT_MS for this run',
  '42501': 'run this as the role that owns the tables (migrator), and see ops/postgres/roles.sql',
  '23505': 'rows that are there already break the new rule: clean them up in an earlier migration',
  '23514': 'rows that are there already break the new rule: clean them up in an earlier migration',
  '23502': 'rows that are there already break the new rule: clean them up in an earlier migration',
}

/** Describes which part of the file has been applied. */
function keptOf(file: MigrationFile, { statement }: StatementError): string {
  if (file.isTransactional) return 'nothing of this file was kept'
  if (statement <= 2) return 'no statement of this file was committed before it'
  const kept =
    statement === 3 ? 'statement 2 of this file is' : `statements 2 to ${statement - 1} of this file are`
  return `${kept} committed and stay; the next run starts at the first again`
}

const correct = 'correct it (it is not applied anywhere yet), then run this again'

/** Line of the file where the statement begins, or where the server points into it. */
function lineOf(file: MigrationFile, err: StatementError): number {
  const before = file.statements.slice(0, err.statement - 1).join('--> statement-breakpoint')
  const text = file.statements[err.statement - 1] ?? ''
  const position = Number((err.cause as { position?: string }).position ?? 0)
  const inside = position > 0 ? text.slice(0, position - 1) : (/^\s*/.exec(text)?.[0] ?? '')
  return `${before}${inside}`.split('\n').length
}

/**
 * Returns the server's message only when it cannot quote a row: class 42 (names and syntax), with every quoted text
 * present in the file.
 */
function safeSentence(file: MigrationFile, cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string }
  if (message === undefined || !code?.startsWith('42')) return ''
  const text = file.statements.join('\n')
  const quoted = [...message.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '')
  return quoted.every((each) => text.includes(each)) ? ` (${message})` : ''
}

/** Converts a driver error into a CommandError that names file, statement, line and SQLSTATE, and quotes no row. */
export function explainFailure(file: MigrationFile, err: StatementError): CommandError {
  const code = errorCode(err.cause)
  const facts = pgError(err.cause)
  const fields = {
    file: file.tag,
    statement: err.statement,
    statements: file.statements.length,
    line: lineOf(file, err),
    sql_state: code,
    ...(facts?.table === undefined ? {} : { table: facts.table }),
    ...(facts?.constraint === undefined ? {} : { constraint: facts.constraint }),
  }
  const where = `${file.tag}: statement ${err.statement} of ${file.statements.length} (line ${fields.line})`
  if (code !== '57014' && isUnavailable(err.cause)) {
    return new CommandError('unreachable', `${where}: the connection to the database was lost (${code})`, {
      hint: `${keptOf(file, err)}: run this again once the server is back`,
      fields,
    })
  }
  const names = [facts?.table, facts?.constraint].filter((name) => name !== undefined).join(', ')
  const sentence = `${safeSentence(file, err.cause)}${names === '' ? '' : `, at ${names}`}`
  return new CommandError('failed', `${where} failed with SQLSTATE ${code}${sentence}`, {
    hint: [keptOf(file, err), hints[code] ?? correct].join('; '),
    fields,
  })
}

/** The same for statements of the runner itself; errors that are neither the driver's nor the server's pass as they are. */
export function explainDriverError(err: unknown): unknown {
  const code = errorCode(err)
  const fields = { sql_state: code }
  if (err instanceof CommandError || code === 'unknown') return err
  if (isUnavailable(err)) {
    return new CommandError('unreachable', `the connection to the database was lost (${code})`, {
      hint: 'the server rolls back what was not committed: run this again once it is back',
      fields,
    })
  }
  if (pgError(err) === undefined) return err
  return new CommandError('failed', `the journal of migrations cannot be used (SQLSTATE ${code})`, {
    hint: hints[code] ?? 'look at drizzle.__drizzle_migrations: expected id, hash and created_at',
    fields,
  })
}
