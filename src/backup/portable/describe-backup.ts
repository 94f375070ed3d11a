import type { BackupReason, Manifest, StoredContent } from './manifest.ts'
import type { Snapshot } from './snapshot.ts'

interface Written {
  name: string
  reason: BackupReason
  recipients: string[] | null
  snapshot: Snapshot
  clientVersion: string
  slipwayVersion: string
  dump: StoredContent
  durationMs: number
}

const fileOf = ({ file, bytes, sha256 }: StoredContent): Manifest['files'][number] => ({
  file,
  bytes,
  sha256,
})

export const describeBackup = ({ recipients, snapshot, dump, ...written }: Written): Manifest => {
  const { serverVersion, ...database } = snapshot.facts
  return {
    format: 2,
    ...written,
    createdAt: snapshot.takenAt.toISOString(),
    database,
    serverVersion,
    encryption: recipients === null ? null : { kind: 'age', recipients },
    files: [fileOf(dump)],
    dump,
    globals: null,
    tables: snapshot.tables.map((table) => ({ ...table, hash: null })),
    sequences: snapshot.sequences,
    largeObjects: null,
    roles: null,
    migrations: snapshot.migrations,
    catalogHash: null,
  }
}
