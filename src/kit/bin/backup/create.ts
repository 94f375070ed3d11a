import { provenSchemas } from '../../backup/portable/schema-proof.ts'
import { listStoredBackups } from '../../backup/portable/stored-backup.ts'
import { join } from 'node:path'
import { requireFolder } from '../../backup/backups-folder.ts'
import { defineVerb, wrongArguments } from '../process/define-verb.ts'
import { createBackup } from '../../backup/portable/create-backup.ts'
import { backupReasons, type BackupReason } from '../../backup/portable/manifest.ts'
import { describeStored } from '../../backup/list/describe-backups.ts'
import { portableLines } from '../../backup/list/list-text.ts'
import { noteRun } from '../../backup/jobs/note-run.ts'
import type { BackupContext } from './backup-context.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

function reasonOf(text: string): BackupReason {
  const reason = backupReasons.find((each) => each === text)
  if (reason !== undefined) return reason
  throw wrongArguments(`expected a reason out of ${backupReasons.join(', ')} (got ${text})`)
}

export const create = defineVerb({
  usage: [`create [--reason REASON]   take a backup now (${backupReasons.join(', ')})`],
  options: { reason: { type: 'string', default: 'manual' } },
  refuse: ({ values }) => void reasonOf(values.reason),
  run: async ({ settings, say, print }: BackupContext, { values }) => {
    await requireFolder(settings.backupsFolder, 'write')
    const { manifest, pruned } = await noteRun(settings.backupsFolder, 'portable_dump', () =>
      createBackup(settings, { reason: reasonOf(values.reason), signal: abortOnSignal() }),
    )
    for (const name of pruned) say(`removed ${name}, as the BACKUP_KEEP_ counts say`)
    const now = new Date()
    const folder = join(settings.backupsFolder, manifest.name)
    const taken = { name: manifest.name, folder, manifest, fault: undefined }
    const proven = await provenSchemas(await listStoredBackups(settings.backupsFolder))
    say(portableLines([await describeStored(taken, now, proven)], now).join('\n'))
    print(manifest.name)
  },
})
