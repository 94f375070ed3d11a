import { isUnavailable, pgError, refusedParameter } from '../postgres/pg-error.ts'
import { scrubText } from '../telemetry/scrub.ts'
import { CommandError } from '../errors.ts'

function codeOf(err: unknown): string {
  return typeof err === 'object' && err !== null && 'code' in err && typeof err.code === 'string'
    ? err.code
    : ''
}

const refusedLogins = new Set(['28P01', '28000'])

function stateFault(sqlState: string, err: unknown): CommandError {
  if (refusedLogins.has(sqlState)) {
    const hint = 'compare the password file of the service with the role: make logs SERVICE=db'
    return new CommandError('unreachable', 'the database refused the login', { hint, cause: err })
  }
  if (sqlState === '3D000') {
    return new CommandError('unreachable', 'the database does not exist', {
      hint: 'check the name in DATABASE_URL',
      cause: err,
    })
  }
  if (sqlState === '55P03') {
    const hint = 'try again when the migration or the long statement is over'
    return new CommandError('busy', 'a table stayed locked for too long', { hint, cause: err })
  }
  if (sqlState === '53300') {
    const hint = 'try again, or stop the API meanwhile: docker compose -f compose.prod.yaml stop api'
    return new CommandError('busy', 'the server has no connections left', { hint, cause: err })
  }
  if (sqlState === '53200') {
    const hint = 'many tables need more locks: raise POSTGRES_MAX_LOCKS_PER_TRANSACTION in .env, then make up'
    return new CommandError('failed', 'the server has no shared memory left', { hint, cause: err })
  }
  if (sqlState === '53100') {
    return new CommandError('no_space', 'the disk of the database is full', {
      hint: 'free space on it',
      cause: err,
    })
  }
  const sentence = `the database answered with SQLSTATE ${sqlState}`
  return new CommandError('failed', sentence, { hint: 'read the log of the database', cause: err })
}

function fileFault(code: string, err: unknown): CommandError | undefined {
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new CommandError('no_space', 'the disk of the backups is full', {
      hint: 'free space, or lower the BACKUP_KEEP_ counts',
      cause: err,
    })
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    const sentence = `a file of the backups folder may not be touched (${code})`
    return new CommandError('failed', sentence, {
      hint: 'make setup sets the owner of the folder',
      cause: err,
    })
  }
  return undefined
}

/**
 * Converts an error of the database driver, a program or the file system to a CommandError with an exit
 * code and a hint.
 */
export function explainFault(err: unknown): CommandError {
  // Backup commands exit with 143 on SIGINT and SIGTERM.
  const isInterrupted = err instanceof CommandError && err.exit === 'interrupted'
  if (err instanceof CommandError && !isInterrupted) return err
  const code = codeOf(err)
  // The `code` of an AbortError is a number.
  if (isInterrupted || code === 'ABORT_ERR' || (err instanceof Error && err.name === 'AbortError')) {
    return new CommandError('terminated', 'stopped before the end', {
      hint: 'nothing was changed: start again',
      cause: err,
    })
  }
  const parameter = refusedParameter(err)
  if (parameter !== undefined) {
    const sentence = `a pooler refuses the start-up parameter ${parameter}`
    return new CommandError('unreachable', sentence, {
      hint: 'give it the address of PostgreSQL itself',
      cause: err,
    })
  }
  // A server that shuts down reports a SQLSTATE too.
  if (isUnavailable(err) && !/^(55P03|53100|53200|53300)$/.test(pgError(err)?.sqlState ?? '')) {
    return new CommandError('unreachable', 'the database cannot be reached', {
      hint: 'is it running? make status',
      cause: err,
    })
  }
  const sqlState = pgError(err)?.sqlState
  if (sqlState !== undefined) return stateFault(sqlState, err)
  const message = err instanceof Error ? err.message : String(err)
  const unexpected = new CommandError('failed', `unexpected: ${scrubText(message)}`, {
    hint: 'read the log of the service',
    cause: err,
  })
  return fileFault(code, err) ?? unexpected
}
