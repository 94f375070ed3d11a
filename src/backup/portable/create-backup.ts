import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { DatabaseSettings } from '../../db/postgres-options.ts'
import { takeAdvisoryLock } from '../advisory-lock.ts'
import { createBackupName } from './backup-name.ts'
import { readClientVersion, refuseOtherMajor } from '../client-version.ts'
import { estimateDumpBytes, refuseFullDisk } from '../disk-space.ts'
import { writeDurably } from '../durable-file.ts'
import { lockFolder } from '../folder-lock.ts'
import { hashFile, writeHashed, type FileDigest } from '../hash-file.ts'
import { withLibpqCredentials } from '../libpq-credentials.ts'
import {
  checksumsFileName,
  dumpFileName,
  manifestFileName,
  renderChecksums,
  renderManifest,
  type Manifest,
} from './manifest.ts'
import { sweepPartials, writeAtomically } from './partial-backup.ts'
import { dumpArguments } from './pg-arguments.ts'
import type { KeepCounts } from '../schedule/choose-expired.ts'
import { pruneBackups } from '../schedule/prune-backups.ts'
import { runProgram, type Programs } from '../run-program.ts'
import { withSession, type Session } from '../session.ts'
import { withSnapshot, type Snapshot } from './snapshot.ts'
import { listStoredBackups, readStoredBackup } from './stored-backup.ts'
import { verifyBackup } from './verify-backup.ts'

export interface BackupSettings {
  database: DatabaseSettings
  backupsFolder: string
  programs: Programs
  slipwayVersion: string
  lockTimeoutMs: number
  keep: KeepCounts
}

export interface CreatedBackup {
  manifest: Manifest
  pruned: string[]
}

const dumpTo = (
  file: string,
  settings: BackupSettings,
  snapshot: Snapshot,
  signal?: AbortSignal,
): Promise<FileDigest> =>
  withLibpqCredentials(settings.database, (environment) =>
    runProgram(
      {
        programs: settings.programs,
        name: 'pg_dump',
        args: dumpArguments({ snapshot: snapshot.id, lockTimeoutMs: settings.lockTimeoutMs }),
        environment,
        signal,
      },
      (output) => writeHashed(output, file),
    ),
  )

interface Written {
  name: string
  snapshot: Snapshot
  clientVersion: string
  dump: FileDigest
  slipwayVersion: string
  durationMs: number
}

const describe = ({
  name,
  snapshot,
  clientVersion,
  dump,
  slipwayVersion,
  durationMs,
}: Written): Manifest => ({
  format: 1,
  name,
  createdAt: snapshot.takenAt.toISOString(),
  slipwayVersion,
  database: { name: snapshot.facts.name, bytes: snapshot.facts.bytes, extensions: snapshot.facts.extensions },
  serverVersion: snapshot.facts.serverVersion,
  clientVersion,
  dump: { file: dumpFileName, ...dump },
  tables: snapshot.tables,
  migrations: snapshot.migrations,
  durationMs,
})

const writeManifest = async (folder: string, manifest: Manifest): Promise<void> => {
  const file = join(folder, manifestFileName)
  await writeDurably(file, renderManifest(manifest))
  const digests = { [dumpFileName]: manifest.dump.sha256, [manifestFileName]: (await hashFile(file)).sha256 }
  await writeDurably(join(folder, checksumsFileName), renderChecksums(digests))
}

const refuseWithoutSpace = async ({ backupsFolder }: BackupSettings, snapshot: Snapshot): Promise<void> => {
  const last = (await listStoredBackups(backupsFolder)).find(({ fault }) => fault === undefined)
  await refuseFullDisk(backupsFolder, estimateDumpBytes(snapshot.facts.bytes, last?.manifest?.dump.bytes))
}

const writeBackup = async (
  settings: BackupSettings,
  session: Session,
  signal?: AbortSignal,
): Promise<Manifest> => {
  const begin = performance.now()
  const clientVersion = await readClientVersion(settings.programs, 'pg_dump')
  return withSnapshot(session, async (snapshot) => {
    refuseOtherMajor(clientVersion, snapshot.facts.serverVersion)
    await refuseWithoutSpace(settings, snapshot)
    const name = createBackupName(snapshot.takenAt)
    signal?.throwIfAborted()
    return writeAtomically(settings.backupsFolder, name, async (folder) => {
      const dump = await dumpTo(join(folder, dumpFileName), settings, snapshot, signal)
      await writeManifest(
        folder,
        describe({
          name,
          snapshot,
          clientVersion,
          dump,
          slipwayVersion: settings.slipwayVersion,
          durationMs: Math.round(performance.now() - begin),
        }),
      )
      return verifyBackup(await readStoredBackup(folder, name), settings.programs)
    })
  })
}

/** One dump that counts: locked, in one snapshot, read back, named last. Any fault leaves the folder as it was and throws. */
export const createBackup = async (
  settings: BackupSettings,
  signal?: AbortSignal,
): Promise<CreatedBackup> => {
  const lock = await lockFolder(settings.backupsFolder, 'backup')
  try {
    await sweepPartials(settings.backupsFolder)
    const manifest = await withSession(
      { settings: settings.database, lockTimeoutMs: settings.lockTimeoutMs },
      async (session) => {
        await takeAdvisoryLock(session)
        return writeBackup(settings, session, signal)
      },
    )
    const pruned = await pruneBackups({
      backupsFolder: settings.backupsFolder,
      keep: settings.keep,
      now: new Date(),
      justRead: manifest.name,
    })
    return { manifest, pruned }
  } finally {
    await lock.release()
  }
}
