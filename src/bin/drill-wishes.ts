import type { DrillSettings } from '../backup/drill/drill-settings.ts'
import { dumpKeys } from '../backup/encryption/dump-keys.ts'
import type { DrillWish } from '../backup/drill/run-drill.ts'
import type { BackupSettings } from '../backup/portable/create-backup.ts'
import type { Config } from '../config/load.ts'

export const drillSettingsOf = (
  { backupsFolder, encryption }: BackupSettings,
  config: Config<'backup'>,
  say: (text: string) => void,
): DrillSettings => ({
  backupsFolder,
  handOverFolder: config.BACKUP_DRILL_FOLDER,
  keys: dumpKeys(encryption),
  timeoutMs: config.BACKUP_DRILL_TIMEOUT_MS,
  onStep: (name) => say(`drill: ${name}`),
})

/** A name asks for that portable backup alone. */
export const drillWishes = (kind: string, name?: string): DrillWish[] => {
  if (kind !== 'portable' && kind !== 'all') return []
  return [{ kind: 'portable', name: name ?? 'latest' }]
}
