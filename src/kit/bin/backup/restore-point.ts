import { requireFolder } from '../../backup/backups-folder.ts'
import { createRestorePoint } from '../../backup/continuous/create-restore-point.ts'
import { defineVerb, wrongArguments } from '../process/define-verb.ts'
import type { BackupContext } from './backup-context.ts'

export const restorePoint = defineVerb({
  usage: ['restore-point NAME         name this moment, for make restore NAME=...'],
  options: {},
  names: 1,
  refuse: ({ names }) => {
    if (names.length === 0) throw wrongArguments('restore-point needs a name')
  },
  run: async ({ continuous, print }: BackupContext, { names: [name = ''] }) => {
    await requireFolder(continuous.backupsFolder, 'write')
    const point = await createRestorePoint(continuous, name)
    print(`${point.name} is at ${point.createdAt} in ${point.segment}`)
  },
})
