import { defineVerb } from '../../backup/parse-command.ts'
import { renderUndo, renderUndoPlan } from '../../backup/restore/restore-text.ts'
import { planUndo, undoRestore } from '../../backup/restore/undo-restore.ts'
import type { BackupContext } from './backup-context.ts'

export const restoreUndo = defineVerb({
  usage: ['restore-undo [--dry-run]   bring back what the last restore has set aside'],
  options: { 'dry-run': { type: 'boolean', default: false } },
  run: async ({ settings, print }: BackupContext, { values }) =>
    print(
      values['dry-run']
        ? renderUndoPlan(await planUndo(settings), new Date())
        : renderUndo(await undoRestore(settings)),
    ),
})
