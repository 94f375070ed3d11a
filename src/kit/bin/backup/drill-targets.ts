import { CommandError } from '../../errors.ts'
import type { ContinuousSettings } from '../../backup/continuous/continuous-settings.ts'
import type { DrillSettings } from '../../backup/drill/drill-settings.ts'
import { dumpKeys } from '../../backup/portable/dump-keys.ts'
import type { DrillTarget } from '../../backup/drill/run-drill.ts'
import type { BackupSettings } from '../../backup/portable/create-backup.ts'
import type { Config } from '../../config/load.ts'

export function drillSettingsOf(
  { backupsFolder, encryption, progress }: BackupSettings,
  config: Config<'backup'>,
  say: (text: string) => void,
): DrillSettings {
  return {
    backupsFolder,
    handoffFolder: config.BACKUP_DRILL_FOLDER,
    keys: dumpKeys(encryption),
    timeoutMs: config.BACKUP_DRILL_TIMEOUT_MS,
    onStep: (name) => say(`drill: ${name}`),
    progress,
  }
}

/** A name asks for that portable backup alone. What is switched off has no backups that could be proven. */
export function drillWishes(
  kind: string,
  name: string | undefined,
  archive: { isOn: boolean; continuous: ContinuousSettings },
): DrillTarget[] {
  const { isOn, continuous } = archive
  const portable: DrillTarget = { kind: 'portable', name: name ?? 'latest' }
  if (kind === 'portable' || name !== undefined) return [portable]
  if (kind === 'all') return isOn ? [portable, { kind: 'continuous', continuous }] : [portable]
  if (isOn) return [{ kind: 'continuous', continuous }]
  throw new CommandError('refused', 'continuous archiving is switched off', {
    hint: 'ARCHIVE=on in .env, then: make up',
  })
}
