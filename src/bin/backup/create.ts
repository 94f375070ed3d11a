import { requireFolder } from '../../backup/backups-folder.ts'
import { defineVerb } from '../../backup/parse-command.ts'
import { createBackup } from '../../backup/portable/create-backup.ts'
import { renderList } from '../../backup/portable/list-text.ts'
import { noteRun } from '../../backup/schedule/note-run.ts'
import type { BackupContext } from './backup-context.ts'
import { stopOnSignal } from './stop-on-signal.ts'

export const create = defineVerb({
  usage: ['create                     take a backup now'],
  options: {},
  run: async ({ settings, say, print }: BackupContext) => {
    await requireFolder(settings.backupsFolder, 'write')
    const { manifest, pruned } = await noteRun(settings.backupsFolder, 'portable_dump', () =>
      createBackup(settings, stopOnSignal()),
    )
    for (const name of pruned) say(`removed ${name}, as the BACKUP_KEEP_ counts say`)
    say(renderList([{ name: manifest.name, folder: '', manifest, fault: undefined }], new Date()))
    print(manifest.name)
  },
})
