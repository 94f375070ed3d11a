import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const installed = [
  join('/var/lib', 'slipway-postgres-17'),
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'slipway-postgres-17'),
].map((prefix) => join(prefix, 'usr/lib/postgresql/17/bin'))

const isComplete = (folder: string): boolean =>
  ['initdb', 'postgres', 'pg_dump', 'pg_restore'].every((program) => existsSync(join(folder, program)))

const find = (): string | undefined => {
  const named = process.env['TEST_PG_BIN']
  if (named !== undefined && named !== '' && !isComplete(named)) {
    throw new Error(
      `TEST_PG_BIN: expected a folder with initdb, postgres, pg_dump and pg_restore (got ${named})`,
    )
  }
  return [named ?? '', ...installed].find(isComplete)
}

/**
 * Folder of a PostgreSQL server and its own pg_dump and pg_restore: their majors have to be equal, and the server that
 * the other integration tests use comes without the two. CI must have them; elsewhere one line says what is missing.
 */
export const postgresTools = find()

if (postgresTools === undefined) {
  if (process.env['CI'] === 'true')
    throw new Error('CI needs pg_dump: run test/support/install-postgres-17.sh')
  process.stdout.write(
    'backup tests left out: pg_dump is missing (test/support/install-postgres-17.sh brings it)\n',
  )
}
