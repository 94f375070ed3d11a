import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

function installed(major: number): string[] {
  return ['/var/lib', process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')].map((prefix) =>
    join(prefix, `slipway-postgres-${major}`, `usr/lib/postgresql/${major}/bin`),
  )
}

function isComplete(folder: string): boolean {
  return ['initdb', 'postgres', 'pg_dump', 'pg_restore'].every((program) => existsSync(join(folder, program)))
}

function find(key: string, major: number): string | undefined {
  const named = process.env[key]
  if (named !== undefined && named !== '' && !isComplete(named)) {
    throw new Error(`${key}: expected a folder with initdb, postgres, pg_dump and pg_restore (got ${named})`)
  }
  return [named ?? '', ...installed(major)].find(isComplete)
}

/**
 * Folder of a PostgreSQL server and its own pg_dump and pg_restore: their majors have to be equal, and the server that
 * the other integration tests use comes without the two. CI must have them; elsewhere one line says what is missing.
 */
export const postgresTools = find('TEST_PG_BIN', 17)

/** The same of the next major, for upgrades to it. */
export const postgres18Tools = find('TEST_PG_18_BIN', 18)

if (postgresTools === undefined) {
  if (process.env['CI'] === 'true')
    throw new Error('CI needs pg_dump: run test/kit/support/install-postgres.sh 17')
  process.stdout.write(
    'backup tests left out: pg_dump is missing (test/kit/support/install-postgres.sh 17 brings it)\n',
  )
}
