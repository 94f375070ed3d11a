import { text } from 'node:stream/consumers'
import { requireFolder } from '../../backup/backups-folder.ts'
import { testRecoveryKey } from '../../backup/portable/test-recovery-key.ts'
import { defineVerb } from '../process/define-verb.ts'
import type { BackupContext } from './backup-context.ts'

export const keyTest = defineVerb({
  usage: ['key-test                   open the newest backup with the recovery key, given on standard input'],
  options: {},
  run: async ({ settings, print }: BackupContext) => {
    await requireFolder(settings.backupsFolder, 'write')
    const identity = await text(process.stdin)
    const { backup } = await testRecoveryKey(settings.backupsFolder, settings.encryption, identity)
    print(`the recovery key opens ${backup}: every byte is what was backed up`)
  },
})
