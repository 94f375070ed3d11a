import { databaseArgument } from '../../postgres/database-argument.ts'

interface DumpArguments {
  /** Snapshot id from pg_export_snapshot(): the dump then contains exactly the counted rows. */
  snapshot: string
  lockTimeoutMs: number
}

/**
 * Returns the arguments of pg_dump. Custom format on standard output: in directory format a truncated
 * member restores as an empty table without an error.
 */
export function dumpArguments({ snapshot, lockTimeoutMs }: DumpArguments): string[] {
  return [
    '--format=custom',
    '--compress=zstd:1',
    `--snapshot=${snapshot}`,
    `--lock-wait-timeout=${lockTimeoutMs}`,
    '--no-password',
  ]
}

/** Lists an archive on standard input. */
export const listArguments = ['--list']

interface RestoreArguments {
  database: string
  /** Owner of every object in the new database, the same as in the live one. */
  owner: string
  /** File with the archive entries to restore; all entries when undefined. */
  listFile?: string | undefined
}

/** Returns the arguments of pg_restore for an archive on standard input. */
export function restoreArguments({ database, owner, listFile }: RestoreArguments): string[] {
  return [
    databaseArgument(database),
    `--role=${owner}`,
    '--no-owner',
    // Not in one transaction: it would need a lock for each table and index. The caller drops the database
    // on failure.
    '--exit-on-error',
    '--no-password',
    ...(listFile === undefined ? [] : [`--use-list=${listFile}`]),
  ]
}

/** Returns the arguments of pg_restore that print the pre-data section as SQL. */
export function preDataArguments({ owner, listFile }: Omit<RestoreArguments, 'database'>): string[] {
  return [
    '--file=-',
    '--section=pre-data',
    `--role=${owner}`,
    '--no-owner',
    ...(listFile === undefined ? [] : [`--use-list=${listFile}`]),
  ]
}

/** Sections after pre-data: rows, then indexes and constraints. */
export const afterPreData = ['--section=data', '--section=post-data']
