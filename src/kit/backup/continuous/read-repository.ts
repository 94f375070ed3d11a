import { z } from 'zod'
import { CommandError } from '../../errors.ts'
import type { ContinuousSettings, RepositoryName } from './continuous-settings.ts'
import { explainStorage } from './explain-storage.ts'
import { expectEngine, keyFault } from './run-engine.ts'

const backupSchema = z.object({
  label: z.string(),
  type: z.enum(['full', 'diff', 'incr']),
  error: z.boolean().nullable(),
  archive: z.object({ start: z.string(), stop: z.string() }),
  database: z.object({ id: z.int() }),
  info: z.object({ size: z.number(), repository: z.object({ delta: z.number() }) }),
  timestamp: z.object({ start: z.number(), stop: z.number() }),
})

const stanzaSchema = z.object({
  backup: z.array(backupSchema),
  db: z.array(z.object({ id: z.int(), 'system-id': z.string(), version: z.string() })),
  repo: z.array(z.object({ status: z.object({ code: z.int(), message: z.string() }) })),
})

export interface BaseBackup {
  label: string
  type: 'full' | 'incremental'
  startedAt: Date
  /** End of the base backup, the earliest recovery target, in whole seconds. */
  endedAt: Date
  firstSegment: string
  lastSegment: string
  /** Folder of its WAL in the archive, such as `17-1`. */
  archiveId: string
  serverMajor: number
  systemId: string
  /** Size of the cluster, and bytes that this backup added to the repository. */
  clusterBytes: number
  storedBytes: number
}

export interface Repository {
  name: RepositoryName
  /** Oldest first. */
  bases: BaseBackup[]
  /** WAL folder of the cluster that archives now; undefined before the stanza exists. */
  archiveId: string | undefined
}

/** The system id exceeds Number.MAX_SAFE_INTEGER: quote it before JSON.parse. */
function quoteSystemIds(json: string): string {
  return json.replace(/("system-id":)(\d+)/g, '$1"$2"')
}

type Stanza = z.infer<typeof stanzaSchema>

const healthy = new Set([0, 2])
const missingStanza = new Set([1, 3])

function baseOf(stanza: Stanza, backup: Stanza['backup'][number]): BaseBackup {
  const db = stanza.db.find(({ id }) => id === backup.database.id)
  const version = db?.version ?? ''
  return {
    label: backup.label,
    type: backup.type === 'full' ? 'full' : 'incremental',
    startedAt: new Date(backup.timestamp.start * 1_000),
    endedAt: new Date(backup.timestamp.stop * 1_000),
    firstSegment: backup.archive.start,
    lastSegment: backup.archive.stop,
    archiveId: `${version}-${backup.database.id}`,
    serverMajor: Number.parseInt(version, 10),
    systemId: db?.['system-id'] ?? '',
    clusterBytes: backup.info.size,
    storedBytes: backup.info.repository.delta,
  }
}

function refuseUnhealthy(name: RepositoryName, { code, message }: { code: number; message: string }): void {
  if (healthy.has(code) || missingStanza.has(code)) return
  // The lines after the first one repeat the request and the response.
  const line =
    message
      .split('\n')[0]
      ?.replace(/[^\x20-\x7E]+/g, ' ')
      .replace(/:$/, '') ?? ''
  const storage = explainStorage(name, line)
  // pgBackRest reports an untrusted certificate authority as CryptoError too.
  if (storage === undefined && /CryptoError|FormatError/.test(message)) throw keyFault(name)
  const why = storage === undefined ? line : `${storage.cause}, ${line}`
  throw new CommandError('archive', `${name} of the archive cannot be read: ${why}`, {
    hint: storage?.hint ?? 'docs/runbooks/ArchiveStalled.md',
  })
}

/** With a wrong key pgBackRest quotes undecryptable bytes. Outside of strings a space is valid JSON. */
function withoutControls(json: string): string {
  return json.replace(/\p{Cc}/gu, ' ')
}

/** Parses the output of `pgbackrest info --output=json`, whose exit code is always 0. Exported for its test. */
export function parseRepository(name: RepositoryName, json: string): Repository {
  const [stanza] = z.array(stanzaSchema).parse(JSON.parse(quoteSystemIds(withoutControls(json))))
  if (stanza === undefined) return { name, bases: [], archiveId: undefined }
  for (const { status } of stanza.repo) refuseUnhealthy(name, status)
  const newest = stanza.db.at(-1)
  return {
    name,
    // A backup with `error` contains pages with wrong checksums: skip it.
    bases: stanza.backup.filter(({ error }) => error !== true).map((backup) => baseOf(stanza, backup)),
    archiveId: newest === undefined ? undefined : `${newest.version}-${newest.id}`,
  }
}

export async function readRepository(
  settings: ContinuousSettings,
  name: RepositoryName,
): Promise<Repository> {
  return parseRepository(
    name,
    await expectEngine(settings, { repository: name, args: ['info', '--output=json'] }),
  )
}
