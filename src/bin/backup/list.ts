import { requireFolder } from '../../backup/backups-folder.ts'
import { defineVerb } from '../../backup/parse-command.ts'
import { renderList } from '../../backup/portable/list-text.ts'
import { listStoredBackups } from '../../backup/portable/stored-backup.ts'
import type { BackupContext } from './backup-context.ts'

export const list = defineVerb({
  usage: ['list [--json]              show what is there'],
  options: { json: { type: 'boolean', default: false } },
  run: async ({ settings, print }: BackupContext, { values }) => {
    await requireFolder(settings.backupsFolder, 'read')
    const stored = await listStoredBackups(settings.backupsFolder)
    print(values.json ? JSON.stringify(stored, null, 2) : renderList(stored, new Date()))
  },
})
