import type { BackupReason, Manifest, StoredContent } from './manifest.ts'
import type { Measured } from './measure-content.ts'
import type { Snapshot } from './snapshot.ts'

interface Written {
  name: string
  reason: BackupReason
  recipients: string[] | null
  snapshot: Snapshot
  clientVersion: string
  slipwayVersion: string
  measured: Measured
  dump: StoredContent
  globals: StoredContent
  durationMs: number
}

function fileOf({ file, bytes, sha256 }: StoredContent): Manifest['files'][number] {
  return {
    file,
    bytes,
    sha256,
  }
}

export function describeBackup({
  recipients,
  snapshot,
  measured,
  dump,
  globals,
  ...written
}: Written): Manifest {
  const { serverVersion, ...database } = snapshot.facts
  return {
    format: 2,
    ...written,
    createdAt: snapshot.takenAt.toISOString(),
    database,
    serverVersion,
    encryption: recipients === null ? null : { kind: 'age', recipients },
    files: [fileOf(dump), fileOf(globals)],
    dump,
    globals,
    ...measured,
    sequences: snapshot.sequences,
    roles: snapshot.globals.roles.map(({ name }) => name),
    migrations: snapshot.migrations,
  }
}
