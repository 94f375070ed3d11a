import { CommandError } from '../../errors.ts'
import { majorOf } from '../../postgres/client-version.ts'
import { readableBytes } from '../../host/list-text.ts'
import type { UpgradeFacts } from './upgrade-facts.ts'

/** Features of the new image. */
export interface NewServer {
  version: string
  extensions: string[]
  /** Free bytes on the disk of the new data folder. */
  freeBytes: number
}

const proofLifeMs = 24 * 60 * 60 * 1_000
const floorBytes = 256 * 1024 * 1024

/** Returns the disk space of an upgrade: the new cluster, and beside it the dump. */
export function neededBytes(databases: UpgradeFacts['databases']): number {
  return floorBytes + 2 * databases.reduce((sum, { bytes }) => sum + bytes, 0)
}

export function refuseOtherTarget(to: number, oldVersion: string, newVersion: string): void {
  if (majorOf(newVersion) !== to) {
    throw new CommandError(
      'version_mismatch',
      `the new image has PostgreSQL ${newVersion}, and ${to} was asked for`,
      { hint: `name an image that has it: make upgrade-postgres TO=${to} IMAGE=postgres:${to}` },
    )
  }
  if (to > majorOf(oldVersion)) return
  throw new CommandError(
    'version_mismatch',
    `the server is of PostgreSQL ${oldVersion} already: an upgrade goes to a later major (got ${to})`,
    { hint: 'make upgrade-postgres BACK=1 returns from the last upgrade' },
  )
}

export function refuseMissingExtensions(wanted: string[], { version, extensions }: NewServer): void {
  const missing = wanted.filter((name) => !extensions.includes(name))
  if (missing.length === 0) return
  throw new CommandError(
    'version_mismatch',
    `PostgreSQL ${version} of the new image does not have extension ${missing.join(', ')}`,
    { hint: 'name an image that has it with IMAGE=, or drop the extension if nothing uses it' },
  )
}

function refuseWhatNoDumpCarries({ preparedTransactions, tablespaces, slots }: UpgradeFacts): void {
  const left = [
    ...(preparedTransactions > 0 ? [`${preparedTransactions} prepared transactions`] : []),
    ...tablespaces.map((name) => `tablespace ${name}`),
    ...slots.map((name) => `replication slot ${name}`),
  ]
  if (left.length === 0) return
  throw new CommandError('refused', `the old server has what no dump carries over: ${left.join(', ')}`, {
    hint: 'finish or drop them first: make psql',
  })
}

export function refuseUnproven({ provenAt }: UpgradeFacts, now: Date): void {
  if (provenAt !== null && now.getTime() - Date.parse(provenAt) < proofLifeMs) return
  throw new CommandError(
    'refused',
    `no backup was proven within the last day (${provenAt === null ? 'none ever' : `the last on ${provenAt}`})`,
    { hint: 'make backup verify-backup, then this again' },
  )
}

export function refuseLittleSpace(facts: UpgradeFacts, { freeBytes }: NewServer): void {
  const needed = neededBytes(facts.databases)
  if (freeBytes >= needed) return
  throw new CommandError(
    'no_space',
    `the disk of the volumes has ${readableBytes(freeBytes)} free, and twice the data is ${readableBytes(needed)}`,
    { hint: 'free space: docker volume ls shows data that former restores and upgrades have kept' },
  )
}

/** Throws CommandError when a known condition prevents the upgrade. */
export function refuseUpgrade(to: number, facts: UpgradeFacts, server: NewServer): void {
  refuseOtherTarget(to, facts.serverVersion, server.version)
  refuseMissingExtensions(
    facts.extensions.map(({ name }) => name),
    server,
  )
  refuseWhatNoDumpCarries(facts)
  refuseLittleSpace(facts, server)
}
