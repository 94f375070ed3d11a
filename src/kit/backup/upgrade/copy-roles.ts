import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runProgram, type Programs } from '../../postgres/run-program.ts'

interface RoleCopy {
  programs: Programs
  /** libpq environment of a superuser on the old and on the new server. */
  from: Record<string, string>
  to: Record<string, string>
  signal: AbortSignal | undefined
}

/**
 * Removes the CREATE ROLE of the bootstrap superuser, which exists on the new server. Its settings and
 * password are still copied.
 */
export function withoutFirstSuperuser(sql: string, name: string): string {
  return sql
    .split('\n')
    .filter((line) => line !== `CREATE ROLE ${name};`)
    .join('\n')
}

/** Copies roles with passwords, memberships and settings. Passes them in memory, not in a file. */
export async function copyRoles(
  { programs, from, to, signal }: RoleCopy,
  firstSuperuser: string,
): Promise<void> {
  const sql = await runProgram(
    {
      programs,
      name: 'pg_dumpall',
      args: ['--roles-only', '--no-password', '--database=postgres'],
      environment: from,
      signal,
    },
    text,
  )
  await runProgram(
    {
      programs,
      name: 'psql',
      args: ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--dbname=postgres', '--file=-'],
      environment: to,
      input: Readable.from([withoutFirstSuperuser(sql, firstSuperuser)]),
      signal,
    },
    text,
  )
}
