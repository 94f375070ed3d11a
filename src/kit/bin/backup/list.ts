import { describeArchives } from '../../backup/list/describe-archives.ts'
import { requireFolder } from '../../backup/backups-folder.ts'
import { defineVerb } from '../process/define-verb.ts'
import { describeBackups } from '../../backup/list/describe-backups.ts'
import { renderBackups } from '../../backup/list/list-text.ts'
import type { BackupContext } from './backup-context.ts'

export const list = defineVerb({
  usage: ['list [--json]              show what is there'],
  options: { json: { type: 'boolean', default: false } },
  run: async ({ settings, offsite, print }: BackupContext, { values }) => {
    await requireFolder(settings.backupsFolder, 'read')
    const now = new Date()
    const configuration = await describeArchives(settings.backupsFolder, offsite, now)
    const listed = { ...(await describeBackups(settings.backupsFolder, now)), configuration }
    print(values.json ? JSON.stringify(listed, null, 2) : renderBackups(listed, now))
  },
})
