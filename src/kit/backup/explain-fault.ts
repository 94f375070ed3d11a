import { isUnavailable, pgError, refusedParameter } from '../postgres/pg-error.ts'
import { scrubText } from '../telemetry/scrub.ts'
import { BackupError } from './backup-error.ts'

const codeOf = (err: unknown): string =>
  typeof err === 'object' && err !== null && 'code' in err && typeof err.code === 'string' ? err.code : ''

const refusedLogins = new Set(['28P01', '28000'])

const stateFault = (sqlState: string, err: unknown): BackupError => {
  if (refusedLogins.has(sqlState)) {
    const hint = 'compare the password file of the service with the role: make logs SERVICE=db'
    return new BackupError('unreachable', 'the database refused the login', hint, err)
  }
  if (sqlState === '3D000') {
    return new BackupError(
      'unreachable',
      'the database does not exist',
      'check the name in DATABASE_URL',
      err,
    )
  }
  if (sqlState === '55P03') {
    const hint = 'try again when the migration or the long statement is over'
    return new BackupError('busy', 'a table stayed locked for too long', hint, err)
  }
  if (sqlState === '53300') {
    const hint = 'try again, or stop the API meanwhile: docker compose -f compose.prod.yaml stop api'
    return new BackupError('busy', 'the server has no connections left', hint, err)
  }
  if (sqlState === '53200') {
    const hint = 'many tables need more locks: raise POSTGRES_MAX_LOCKS_PER_TRANSACTION in .env, then make up'
    return new BackupError('failed', 'the server has no shared memory left', hint, err)
  }
  if (sqlState === '53100') {
    return new BackupError('no_space', 'the disk of the database is full', 'free space on it', err)
  }
  const sentence = `the database answered with SQLSTATE ${sqlState}`
  return new BackupError('failed', sentence, 'read the log of the database', err)
}

const fileFault = (code: string, err: unknown): BackupError | undefined => {
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BackupError(
      'no_space',
      'the disk of the backups is full',
      'free space, or lower the BACKUP_KEEP_ counts',
      err,
    )
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    const sentence = `a file of the backups folder may not be touched (${code})`
    return new BackupError('failed', sentence, 'make setup sets the owner of the folder', err)
  }
  return undefined
}

/** Turns whatever came up from the driver, a program or the file system into a sentence with a code. */
export const explainFault = (err: unknown): BackupError => {
  if (err instanceof BackupError) return err
  const code = codeOf(err)
  // The reason of an abort carries a number as its code.
  if (code === 'ABORT_ERR' || (err instanceof Error && err.name === 'AbortError')) {
    return new BackupError('cancelled', 'stopped before the end', 'nothing was changed: start again', err)
  }
  const parameter = refusedParameter(err)
  if (parameter !== undefined) {
    const sentence = `a pooler refuses the start-up parameter ${parameter}`
    return new BackupError('unreachable', sentence, 'give it the address of PostgreSQL itself', err)
  }
  // A server that goes away says so by a state too.
  if (isUnavailable(err) && !/^(55P03|53100|53200|53300)$/.test(pgError(err)?.sqlState ?? '')) {
    return new BackupError('unreachable', 'the database cannot be reached', 'is it running? make status', err)
  }
  const sqlState = pgError(err)?.sqlState
  if (sqlState !== undefined) return stateFault(sqlState, err)
  const message = err instanceof Error ? err.message : String(err)
  const unexpected = new BackupError(
    'failed',
    `unexpected: ${scrubText(message)}`,
    'read the log of the service',
    err,
  )
  return fileFault(code, err) ?? unexpected
}
