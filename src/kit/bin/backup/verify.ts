import { dumpKeys } from '../../backup/portable/dump-keys.ts'
import { defineVerb } from '../process/define-verb.ts'
import { findBackup } from '../../backup/portable/find-backup.ts'
import { verifyBackup } from '../../backup/portable/verify-backup.ts'
import type { BackupContext } from './backup-context.ts'

export const verify = defineVerb({
  usage: ['verify [NAME|PATH|latest]  compare the files with their checksums'],
  options: {},
  names: 1,
  run: async ({ settings, print }: BackupContext, { names: [from = 'latest'] }) => {
    const manifest = await verifyBackup(
      await findBackup(settings.backupsFolder, from),
      settings.programs,
      dumpKeys(settings.encryption),
    )
    print(`${manifest.name}: checksums right, ${manifest.tables.length} tables as in the manifest`)
  },
})
