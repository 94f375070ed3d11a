import { performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CommandError } from '../../errors.ts'
import { readClientVersion, refuseOtherMajor } from '../../postgres/client-version.ts'
import { estimateDumpBytes, refuseFullDisk } from '../../host/disk-space.ts'
import { feed } from '../../host/spawn-program.ts'
import type { ServerSettings } from '../../postgres/postgres-options.ts'
import type { EncryptionSettings } from '../encryption/encryption-settings.ts'
import { withLibpqCredentials } from '../../postgres/libpq-credentials.ts'
import { withProgress, type Expected, type OpenProgress } from '../../host/progress.ts'
import { runProgramInto, type Programs } from '../../postgres/run-program.ts'
import type { Session } from '../../postgres/session.ts'
import { createBackupName } from './backup-name.ts'
import { parseContents, refuseOtherContents } from './contents.ts'
import { describeBackup } from './describe-backup.ts'
import { renderGlobals } from './globals-sql.ts'
import type { BackupReason, Manifest, StoredContent } from './manifest.ts'
import { measureContent, type Measured } from './measure-content.ts'
import { writeAtomically } from './partial-backup.ts'
import { dumpArguments } from './pg-arguments.ts'
import { readNewDump } from './read-new-dump.ts'
import { withSnapshot, type Snapshot } from './snapshot.ts'
import { listStoredBackups, readStoredBackup } from './stored-backup.ts'
import { wholeManifest } from './verify-backup.ts'
import { writeContent, type ContentPlace, type Written } from './write-content.ts'
import { writeManifest } from './write-manifest.ts'

export interface WriteSettings {
  database: ServerSettings
  backupsFolder: string
  programs: Programs
  slipwayVersion: string
  encryption: EncryptionSettings
  lockTimeoutMs: number
  /** Time limit for the row hashes, in ms; tables beyond it are sampled. */
  hashBudgetMs: number
  /** Progress reporter; set only on a terminal. */
  progress?: OpenProgress | undefined
}

export interface WriteRequest {
  reason: BackupReason
  signal?: AbortSignal
  /** Public keys of the recipients; null for no encryption. */
  recipients: string[] | null
}

interface Writing {
  settings: WriteSettings
  request: WriteRequest
  session: Session
  clientVersion: string
  begin: number
  /** Newest existing backup. */
  last: Manifest | undefined
}

function refuseWithoutSpace(
  { backupsFolder }: WriteSettings,
  { facts }: Snapshot,
  last: Manifest | undefined,
): Promise<void> {
  return refuseFullDisk(backupsFolder, estimateDumpBytes(facts.bytes, last?.dump.bytes))
}

async function readLast({ backupsFolder }: WriteSettings): Promise<Manifest | undefined> {
  return (await listStoredBackups(backupsFolder)).find(({ fault }) => fault === undefined)?.manifest
}

/** Estimates the size of the dump from the last one and the growth of the database. */
function expectDump({ facts }: Snapshot, last: Manifest | undefined): Expected | undefined {
  return last === undefined || last.database.bytes === 0
    ? undefined
    : { bytes: Math.round((last.dump.plainBytes * facts.bytes) / last.database.bytes), isAbout: true }
}

function writeGlobals({ globals }: Snapshot, place: ContentPlace): Promise<Written<void>> {
  const sql = renderGlobals(globals)
  return writeContent(
    'globals.sql',
    place,
    (target) => feed(Readable.from([sql]), target),
    async (plain) => {
      if ((await text(plain)) === sql) return
      const sentence = 'the roles came back from the disk as something else'
      throw new CommandError('verification_failed', sentence, { hint: 'take another backup; check the disk' })
    },
  )
}

/** `made` is the table of contents. */
function writeDump(
  place: ContentPlace,
  snapshot: Snapshot,
  { settings, request, last }: Writing,
): Promise<Written<string>> {
  const { programs, lockTimeoutMs, database } = settings
  const args = dumpArguments({ snapshot: snapshot.id, lockTimeoutMs })
  const progress = settings.progress?.('dump', expectDump(snapshot, last))
  return withLibpqCredentials(database, (environment) =>
    writeContent(
      'database.dump',
      place,
      (target, stop) => {
        const signal = request.signal === undefined ? stop : AbortSignal.any([stop, request.signal])
        return runProgramInto({ programs, name: 'pg_dump', args, environment, signal }, target)
      },
      (plain) => readNewDump(withProgress(plain, progress), programs),
    ),
  )
}

/** Runs pg_dump in one session and the measurement in another, in one snapshot: both run concurrently. */
async function dumpAndMeasure(
  place: ContentPlace,
  snapshot: Snapshot,
  writing: Writing,
): Promise<{ dump: StoredContent; measured: Measured }> {
  const measuring = measureContent(writing.session, writing.settings.hashBudgetMs)
  // Awaited below, unless the dump fails first.
  measuring.catch(() => undefined)
  const { content, made } = await writeDump(place, snapshot, writing)
  const measured = await measuring
  refuseOtherContents(parseContents(made), measured.tables)
  return { dump: content, measured }
}

async function fill(folder: string, name: string, snapshot: Snapshot, writing: Writing): Promise<Manifest> {
  const { settings, request, clientVersion, begin } = writing
  const { reason, recipients } = request
  const { slipwayVersion, programs, encryption } = settings
  const { identityFile } = encryption
  const place = { folder, recipients, identityFile, searchPath: programs.searchPath }
  const { content: globals } = await writeGlobals(snapshot, place)
  const content = await dumpAndMeasure(place, snapshot, writing)
  const durationMs = Math.round(performance.now() - begin)
  const written = { name, reason, recipients, snapshot, clientVersion, slipwayVersion, durationMs }
  await writeManifest(folder, describeBackup({ ...written, ...content, globals }))
  return wholeManifest(await readStoredBackup(folder, name))
}

/**
 * Writes dump, globals and manifest of one snapshot under a partial name, verifies them, then renames the
 * folder. Throws CommandError.
 */
export async function writeBackup(
  settings: WriteSettings,
  request: WriteRequest,
  session: Session,
): Promise<Manifest> {
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
