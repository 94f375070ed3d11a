import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { readClientVersion, refuseOtherMajor } from '../client-version.ts'
import { estimateDumpBytes, refuseFullDisk } from '../disk-space.ts'
import { writeHashed } from '../hash-file.ts'
import { withLibpqCredentials } from '../libpq-credentials.ts'
import { runProgram } from '../run-program.ts'
import type { Session } from '../session.ts'
import { createBackupName } from './backup-name.ts'
import type { BackupRequest, BackupSettings } from './create-backup.ts'
import { describeBackup } from './describe-backup.ts'
import type { Manifest, StoredContent } from './manifest.ts'
import { writeAtomically } from './partial-backup.ts'
import { dumpArguments } from './pg-arguments.ts'
import { withSnapshot, type Snapshot } from './snapshot.ts'
import { listStoredBackups, readStoredBackup } from './stored-backup.ts'
import { verifyBackup } from './verify-backup.ts'
import { writeManifest } from './write-manifest.ts'

const dumpFile = 'database.dump'

const refuseWithoutSpace = async ({ backupsFolder }: BackupSettings, snapshot: Snapshot): Promise<void> => {
  const last = (await listStoredBackups(backupsFolder)).find(({ fault }) => fault === undefined)
  await refuseFullDisk(backupsFolder, estimateDumpBytes(snapshot.facts.bytes, last?.manifest?.dump.bytes))
}

const dumpTo = async (
  folder: string,
  settings: BackupSettings,
  snapshot: Snapshot,
  signal: AbortSignal | undefined,
): Promise<StoredContent> => {
  const args = dumpArguments({ snapshot: snapshot.id, lockTimeoutMs: settings.lockTimeoutMs })
  const { programs } = settings
  const { bytes, sha256 } = await withLibpqCredentials(settings.database, (environment) =>
    runProgram({ programs, name: 'pg_dump', args, environment, signal }, (output) =>
      writeHashed(output, join(folder, dumpFile)),
    ),
  )
  return { file: dumpFile, bytes, sha256, plainBytes: bytes, plainSha256: sha256 }
}

/** Dump and manifest of one snapshot, under a partial name until both were read back. */
export const writeBackup = async (
  settings: BackupSettings,
  { reason, signal }: BackupRequest,
  session: Session,
): Promise<Manifest> => {
  const begin = performance.now()
  const clientVersion = await readClientVersion(settings.programs, 'pg_dump')
  return withSnapshot(session, async (snapshot) => {
    refuseOtherMajor(clientVersion, snapshot.facts.serverVersion)
    await refuseWithoutSpace(settings, snapshot)
    const name = createBackupName(snapshot.takenAt)
    signal?.throwIfAborted()
    return writeAtomically(settings.backupsFolder, name, async (folder) => {
      const dump = await dumpTo(folder, settings, snapshot, signal)
      const { slipwayVersion } = settings
      const durationMs = Math.round(performance.now() - begin)
      await writeManifest(
        folder,
        describeBackup({ name, reason, snapshot, clientVersion, slipwayVersion, dump, durationMs }),
      )
      return verifyBackup(await readStoredBackup(folder, name), settings.programs)
    })
  })
}
