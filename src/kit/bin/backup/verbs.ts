import type { VerbTable } from '../process/define-verb.ts'
import type { BackupContext } from './backup-context.ts'
import { base } from './base.ts'
import { config } from './config.ts'
import { create } from './create.ts'
import { drill } from './drill.ts'
import { keyTest } from './key-test.ts'
import { list } from './list.ts'
import { moment } from './moment.ts'
import { offsite } from './offsite.ts'
import { restorePoint } from './restore-point.ts'
import { restore } from './restore.ts'
import { restoreUndo } from './restore-undo.ts'
import { schedule } from './schedule.ts'
import { upgrade } from './upgrade.ts'
import { verify } from './verify.ts'

/** In the order in which the usage shows them. */
export const verbs: VerbTable<BackupContext> = {
  create,
  schedule,
  list,
  verify,
  drill,
  base,
  'restore-point': restorePoint,
  moment,
  'key-test': keyTest,
  offsite,
  config,
  restore,
  'restore-undo': restoreUndo,
  upgrade,
}
