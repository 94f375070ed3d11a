import type { VerbTable } from '../../backup/parse-command.ts'
import type { BackupContext } from './backup-context.ts'
import { create } from './create.ts'
import { drill } from './drill.ts'
import { list } from './list.ts'
import { restore } from './restore.ts'
import { restoreUndo } from './restore-undo.ts'
import { schedule } from './schedule.ts'
import { verify } from './verify.ts'

/** In the order in which the usage shows them. */
export const verbs: VerbTable<BackupContext> = {
  create,
  schedule,
  list,
  verify,
  drill,
  restore,
  'restore-undo': restoreUndo,
}
