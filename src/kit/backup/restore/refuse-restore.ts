import { CommandError } from '../../errors.ts'
import { majorOf } from '../../postgres/client-version.ts'
import { readableBytes } from '../../host/list-text.ts'

/** pg_restore and one spare; the sessions for lock and swap are open already. */
const neededConnections = 2
const floorBytes = 64 * 1024 * 1024

/** Returns the disk space of a restore: the new database, and as much again for its WAL. */
export function neededBytes(databaseBytes: number): number {
  return floorBytes + 2 * databaseBytes
}

/**
 * Throws CommandError `no_space` when the data disk is too full. `freeBytes` is undefined when the disk is
 * on another machine.
 */
export function refuseFullDataDisk(freeBytes: number | undefined, databaseBytes: number): void {
  const needed = neededBytes(databaseBytes)
  if (freeBytes === undefined || freeBytes >= needed) return
  throw new CommandError(
    'no_space',
    `the disk of the database has ${readableBytes(freeBytes)} free and the restore may need ${readableBytes(needed)}`,
    { hint: 'free space, or drop what earlier restores have kept: the plan names it' },
  )
}

export function refuseFewConnections(free: number): void {
  if (free >= neededConnections) return
  throw new CommandError(
    'busy',
    `the server has ${Math.max(0, free)} connections left and the restore needs ${neededConnections}`,
    { hint: 'end some of them, or stop the API meanwhile: docker compose -f compose.prod.yaml stop api' },
  )
}

export function refuseNewerBackup(backupVersion: string, serverVersion: string): void {
  if (majorOf(backupVersion) <= majorOf(serverVersion)) return
  throw new CommandError(
    'version_mismatch',
    `the backup is of PostgreSQL ${backupVersion} and the server is older: ${serverVersion}`,
    { hint: 'restore into a server of the same or a later major' },
  )
}

export function refuseForeignDatabase(backup: string, live: string, isAllowed: boolean): void {
  if (backup === live || isAllowed) return
  throw new CommandError('refused', `the backup is of database '${backup}' and the live one is '${live}'`, {
    hint: 'add --other-database if that is what you want',
  })
}

export interface Extensions {
  available: string[]
  /** Extensions that the restoring role may create, or that every new database has. */
  creatable: string[]
}

export function refuseMissingExtensions(wanted: string[], { available, creatable }: Extensions): void {
  const missing = wanted.filter((name) => !available.includes(name))
  if (missing.length > 0) {
    throw new CommandError(
      'version_mismatch',
      `the server does not have what the backup uses: extension ${missing.join(', ')}`,
      { hint: 'build the database image with it: make up' },
    )
  }
  const forbidden = wanted.filter((name) => !creatable.includes(name))
  if (forbidden.length === 0) return
  throw new CommandError(
    'refused',
    `the backup uses what a superuser alone may create: extension ${forbidden.join(', ')}`,
    { hint: 'restore it as the superuser, with pg_restore: docs/how-to/restore.md' },
  )
}

/** Throws CommandError for missing roles: a GRANT to one would fail in the middle of the restore. */
export function refuseMissingRoles(wanted: string[], present: string[]): void {
  const missing = wanted.filter((name) => !present.includes(name))
  if (missing.length === 0) return
  throw new CommandError(
    'refused',
    `the server does not have the roles that the backup names: ${missing.join(', ')}`,
    { hint: 'make them first, as the superuser: make psql, then CREATE ROLE' },
  )
}
