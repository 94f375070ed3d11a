import { requireFolder } from '../../backup/backups-folder.ts'
import { defineVerb } from '../../backup/parse-command.ts'
import { renderList } from '../../backup/portable/list-text.ts'
import { runBackup } from '../../backup/portable/run-backup.ts'
import type { BackupContext } from './backup-context.ts'
import { stopOnSignal } from './stop-on-signal.ts'

export const create = defineVerb({
  usage: ['create                     take a backup now'],
  options: {},
  run: async ({ settings, say, print }: BackupContext) => {
    await requireFolder(settings.backupsFolder, 'write')
    const { manifest, pruned } = await runBackup(settings, stopOnSignal())
    for (const name of pruned) say(`removed ${name}, as BACKUP_KEEP says`)
    say(renderList([{ name: manifest.name, folder: '', manifest, fault: undefined }], new Date()))
    print(manifest.name)
  },
})
