import { requireFolder } from '../../backup/backups-folder.ts'
import { defineVerb } from '../process/define-verb.ts'
import { runBackupSchedule } from './run-backup-schedule.ts'
import type { BackupContext } from './backup-context.ts'

export const schedule = defineVerb({
  usage: ['schedule                   take them as BACKUP_SCHEDULE says; answers /metrics'],
  options: {},
  run: async ({ settings, continuous, offsite, config }: BackupContext) => {
    await requireFolder(settings.backupsFolder, 'write')
    await runBackupSchedule({ settings, continuous, offsite, config })
  },
})
