import { performance } from 'node:perf_hooks'
import { readClientVersion, refuseOtherMajor } from '../client-version.ts'
import { estimateDumpBytes, refuseFullDisk } from '../disk-space.ts'
import { dumpKeys } from '../encryption/dump-keys.ts'
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
import { writeContent } from './write-content.ts'
import { writeManifest } from './write-manifest.ts'

export interface WriteRequest extends BackupRequest {
  /** Public keys for whom the files are encrypted; null for nobody. */
  recipients: string[] | null
}

const refuseWithoutSpace = async ({ backupsFolder }: BackupSettings, snapshot: Snapshot): Promise<void> => {
  const last = (await listStoredBackups(backupsFolder)).find(({ fault }) => fault === undefined)
  await refuseFullDisk(backupsFolder, estimateDumpBytes(snapshot.facts.bytes, last?.manifest?.dump.bytes))
}

const dumpTo = (
  folder: string,
  settings: BackupSettings,
  snapshot: Snapshot,
  { recipients, signal }: WriteRequest,
): Promise<StoredContent> => {
  const { programs, lockTimeoutMs } = settings
  const args = dumpArguments({ snapshot: snapshot.id, lockTimeoutMs })
  const place = { folder, name: 'database.dump', recipients, searchPath: programs.searchPath }
  return withLibpqCredentials(settings.database, (environment) =>
    runProgram({ programs, name: 'pg_dump', args, environment, signal }, (output) =>
      writeContent(output, place),
    ),
  )
}

/** Dump and manifest of one snapshot, under a partial name until both were read back. */
export const writeBackup = async (
  settings: BackupSettings,
  request: WriteRequest,
  session: Session,
): Promise<Manifest> => {
  const begin = performance.now()
  const clientVersion = await readClientVersion(settings.programs, 'pg_dump')
  return withSnapshot(session, async (snapshot) => {
    refuseOtherMajor(clientVersion, snapshot.facts.serverVersion)
    await refuseWithoutSpace(settings, snapshot)
    const name = createBackupName(snapshot.takenAt)
    request.signal?.throwIfAborted()
    return writeAtomically(settings.backupsFolder, name, async (folder) => {
      const dump = await dumpTo(folder, settings, snapshot, request)
      const { slipwayVersion } = settings
      const { reason, recipients } = request
      const durationMs = Math.round(performance.now() - begin)
      await writeManifest(
        folder,
        describeBackup({
          name,
          reason,
          recipients,
          snapshot,
          clientVersion,
          slipwayVersion,
          dump,
          durationMs,
        }),
      )
      return verifyBackup(
        await readStoredBackup(folder, name),
        settings.programs,
        dumpKeys(settings.encryption),
      )
    })
  })
}
