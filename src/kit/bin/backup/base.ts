import { requireFolder } from '../../backup/backups-folder.ts'
import { takeBase } from '../../backup/continuous/base-backup.ts'
import { observeArchive } from '../../backup/continuous/observe-archive.ts'
import { writeEngineConfig } from '../../backup/continuous/write-engine-config.ts'
import { defineVerb } from '../process/define-verb.ts'
import type { BackupContext } from './backup-context.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

export const base = defineVerb({
  usage: ['base [--full]              take a base backup for point-in-time restores now'],
  options: { full: { type: 'boolean', default: false } },
  run: async ({ continuous, say, print }: BackupContext, { values }) => {
    await requireFolder(continuous.backupsFolder, 'write')
    const signal = abortOnSignal()
    const type = values.full ? 'full' : 'incremental'
    for (const repository of await writeEngineConfig(continuous)) {
      const taken = await takeBase(continuous, { repository, type, signal })
      say(`${repository}: ${taken.type} base backup, read back, ${taken.storedBytes} bytes`)
      print(taken.label)
    }
    await observeArchive(continuous)
  },
})
