import { databaseArgument } from '../../postgres/database-argument.ts'

interface DumpArguments {
  /** From pg_export_snapshot(): the dump then shows exactly the rows that were counted. */
  snapshot: string
  lockTimeoutMs: number
}

/** Custom format to standard output. The directory format restores a cut member as an empty table, without an error. */
export function dumpArguments({ snapshot, lockTimeoutMs }: DumpArguments): string[] {
  return [
    '--format=custom',
    '--compress=zstd:1',
    `--snapshot=${snapshot}`,
    `--lock-wait-timeout=${lockTimeoutMs}`,
    '--no-password',
  ]
}

/** Of an archive on standard input. */
export const listArguments = ['--list']

/** Of an archive on standard input. */
interface RestoreArguments {
  database: string
  /** Whoever owns the live database will own everything in the new one. */
  owner: string
  /** Entries of the archive to be restored; all when absent. */
  listFile?: string | undefined
}

/** From an archive on standard input. */
export function restoreArguments({ database, owner, listFile }: RestoreArguments): string[] {
  return [
    databaseArgument(database),
    `--role=${owner}`,
    '--no-owner',
    // Not in one transaction: that would need a lock for each table and index. Whoever calls drops the database when it fails.
    '--exit-on-error',
    '--no-password',
    ...(listFile === undefined ? [] : [`--use-list=${listFile}`]),
  ]
}

/** The same for what stands before the rows, printed as SQL. */
export function preDataArguments({ owner, listFile }: Omit<RestoreArguments, 'database'>): string[] {
  return [
    '--file=-',
    '--section=pre-data',
    `--role=${owner}`,
    '--no-owner',
    ...(listFile === undefined ? [] : [`--use-list=${listFile}`]),
  ]
}

/** Of the rows and of what comes after them. */
export const afterPreData = ['--section=data', '--section=post-data']
