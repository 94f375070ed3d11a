import { performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { readClientVersion, refuseOtherMajor } from '../client-version.ts'
import { estimateDumpBytes, refuseFullDisk } from '../disk-space.ts'
import { dumpKeys } from '../encryption/dump-keys.ts'
import { withLibpqCredentials } from '../libpq-credentials.ts'
import { withProgress, type Expected } from '../progress.ts'
import { runProgram } from '../run-program.ts'
import type { Session } from '../session.ts'
import { createBackupName } from './backup-name.ts'
import type { BackupRequest, BackupSettings } from './create-backup.ts'
import { describeBackup } from './describe-backup.ts'
import { renderGlobals } from './globals-sql.ts'
import type { Manifest, StoredContent } from './manifest.ts'
import { measureContent, type Measured } from './measure-content.ts'
import { writeAtomically } from './partial-backup.ts'
import { dumpArguments } from './pg-arguments.ts'
import { withSnapshot, type Snapshot } from './snapshot.ts'
import { listStoredBackups, readStoredBackup } from './stored-backup.ts'
import { verifyContents } from './verify-backup.ts'
import { writeContent, type ContentPlace } from './write-content.ts'
import { writeManifest } from './write-manifest.ts'

export interface WriteRequest extends BackupRequest {
  /** Public keys for whom the files are encrypted; null for nobody. */
  recipients: string[] | null
}

interface Writing {
  settings: BackupSettings
  request: WriteRequest
  session: Session
  clientVersion: string
  begin: number
  /** The newest backup that is there. */
  last: Manifest | undefined
}

const refuseWithoutSpace = (
  { backupsFolder }: BackupSettings,
  { facts }: Snapshot,
  last: Manifest | undefined,
): Promise<void> => refuseFullDisk(backupsFolder, estimateDumpBytes(facts.bytes, last?.dump.bytes))

const readLast = async ({ backupsFolder }: BackupSettings): Promise<Manifest | undefined> =>
  (await listStoredBackups(backupsFolder)).find(({ fault }) => fault === undefined)?.manifest

/** The last dump, grown as the database has. */
const expectDump = ({ facts }: Snapshot, last: Manifest | undefined): Expected | undefined =>
  last === undefined || last.database.bytes === 0
    ? undefined
    : { bytes: Math.round((last.dump.plainBytes * facts.bytes) / last.database.bytes), isAbout: true }

/** pg_dump reads in one session and we measure in the other, of one snapshot: neither waits for the other. */
const dumpAndMeasure = async (
  place: Omit<ContentPlace, 'name'>,
  settings: BackupSettings,
  snapshot: Snapshot,
  {
    session,
    signal,
    last,
  }: { session: Session; signal: AbortSignal | undefined; last: Manifest | undefined },
): Promise<{ dump: StoredContent; measured: Measured }> => {
  const { programs, lockTimeoutMs } = settings
  const args = dumpArguments({ snapshot: snapshot.id, lockTimeoutMs })
  const measuring = measureContent(session, settings.hashBudgetMs)
  // Waited for below, unless the dump fails first.
  measuring.catch(() => undefined)
  const dump = await withLibpqCredentials(settings.database, (environment) =>
    runProgram({ programs, name: 'pg_dump', args, environment, signal }, (output) =>
      writeContent(withProgress(output, settings.progress?.('dump', expectDump(snapshot, last))), {
        ...place,
        name: 'database.dump',
      }),
    ),
  )
  return { dump, measured: await measuring }
}

const fill = async (
  folder: string,
  name: string,
  snapshot: Snapshot,
  { settings, request, session, clientVersion, begin, last }: Writing,
): Promise<Manifest> => {
  const { reason, recipients, signal } = request
  const place = { folder, recipients, searchPath: settings.programs.searchPath }
  const globals = await writeContent(Readable.from([Buffer.from(renderGlobals(snapshot.globals))]), {
    ...place,
    name: 'globals.sql',
  })
  const content = await dumpAndMeasure(place, settings, snapshot, { session, signal, last })
  const { slipwayVersion, programs, encryption } = settings
  const durationMs = Math.round(performance.now() - begin)
  const written = { name, reason, recipients, snapshot, clientVersion, slipwayVersion, durationMs }
  await writeManifest(folder, describeBackup({ ...written, ...content, globals }))
  return verifyContents(await readStoredBackup(folder, name), programs, dumpKeys(encryption))
}

/** Dump, globals and manifest of one snapshot, under a partial name until all were read back. */
export const writeBackup = async (
  settings: BackupSettings,
  request: WriteRequest,
  session: Session,
): Promise<Manifest> => {
  const begin = performance.now()
  const clientVersion = await readClientVersion(settings.programs, 'pg_dump')
  const last = await readLast(settings)
  const writing = { settings, request, session, clientVersion, begin, last }
  return withSnapshot(session, async (snapshot) => {
    refuseOtherMajor(clientVersion, snapshot.facts.serverVersion)
    await refuseWithoutSpace(settings, snapshot, last)
    const name = createBackupName(snapshot.takenAt)
    request.signal?.throwIfAborted()
    return writeAtomically(settings.backupsFolder, name, (folder) => fill(folder, name, snapshot, writing))
  })
}
