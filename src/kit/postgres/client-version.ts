import { text } from 'node:stream/consumers'
import { CommandError } from '../errors.ts'
import { runProgram, type Programs } from './run-program.ts'

/**
 * Returns '17.11' for 'pg_dump (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)'. Throws CommandError when the line holds
 * no version.
 */
export function parseClientVersion(line: string): string {
  const version = /\(PostgreSQL\) (\d+[\w.]*)/.exec(line)?.[1]
  if (version === undefined) {
    throw new CommandError('version_mismatch', `cannot read a version out of '${line.trim()}'`, {
      hint: 'set BACKUP_PG_BIN to the folder of the PostgreSQL programs',
    })
  }
  return version
}

/** Runs `--version` of the program and returns its version, for example '17.11'. */
export async function readClientVersion(programs: Programs, name: 'pg_dump' | 'pg_restore'): Promise<string> {
  return parseClientVersion(await runProgram({ programs, name, args: ['--version'] }, text))
}

/** Returns the major of a version such as '17.11'. */
export function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

/**
 * Throws when the majors differ: pg_dump reads older servers, but its output does not restore into them without
 * errors.
 */
export function refuseOtherMajor(client: string, server: string): void {
  if (majorOf(client) === majorOf(server)) return
  throw new CommandError(
    'version_mismatch',
    `the programs are of PostgreSQL ${client} and the server is of ${server}: the majors have to be equal`,
    { hint: 'build the backup image with the POSTGRES_VERSION of the database image' },
  )
}
