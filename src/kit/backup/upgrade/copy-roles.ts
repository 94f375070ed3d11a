import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runProgram, type Programs } from '../../postgres/run-program.ts'

interface RoleCopy {
  programs: Programs
  /** What libpq needs to reach either server as its superuser. */
  from: Record<string, string>
  to: Record<string, string>
  signal: AbortSignal | undefined
}

/** Every cluster has made its own first superuser; its settings and its password come over like anybody's. */
export function withoutFirstSuperuser(sql: string, name: string): string {
  return sql
    .split('\n')
    .filter((line) => line !== `CREATE ROLE ${name};`)
    .join('\n')
}

/** Roles with their passwords, memberships and settings. They are in memory on the way, and in no file. */
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
