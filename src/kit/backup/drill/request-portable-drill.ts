import { pipeline } from 'node:stream/promises'
import { findBackup } from '../portable/find-backup.ts'
import { openDump } from '../portable/open-dump.ts'
import type { StoredBackup } from '../portable/stored-backup.ts'
import { withProgress } from '../../host/progress.ts'
import { CommandError } from '../../errors.ts'
import { drillSocket } from './drill-place.ts'
import type { DrillSettings } from './drill-settings.ts'
import { requestDrill } from './drill-client.ts'
import type { DrillResult } from './drill-result.ts'

function readable({ name, manifest, fault }: StoredBackup) {
  if (fault === undefined && manifest !== undefined) return manifest
  throw new CommandError(
    'verification_failed',
    `backup ${name} cannot be trusted: ${fault ?? 'no manifest'}`,
    { hint: 'use another one: make backups' },
  )
}

/**
 * Sends the dump to the drill service, decrypted while it is read: the service has no key, and no
 * plaintext is written to disk.
 */
export async function requestPortableDrill(
  settings: DrillSettings,
  name: string,
  onSubject: (name: string) => void,
): Promise<DrillResult> {
  const assumedFailureAt = new Date()
  const backup = await findBackup(settings.backupsFolder, name)
  onSubject(backup.name)
  const manifest = readable(backup)
  const { timeoutMs, onStep, signal } = settings
  const outcome = await requestDrill({
    socketPath: drillSocket(settings.handoffFolder),
    request: { kind: 'portable', timeoutMs, manifest },
    send: async (drill, over) => {
      const expected = { bytes: manifest.dump.plainBytes, isAbout: false }
      const dump = withProgress(await openDump(backup, settings.keys), settings.progress?.('drill', expected))
      await pipeline(dump, drill, { signal: over })
    },
    onStep,
    signal,
  })
  return { outcome, assumedFailureAt, recoveredTo: new Date(manifest.createdAt) }
}
