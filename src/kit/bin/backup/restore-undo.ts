import { defineVerb } from '../process/define-verb.ts'
import { renderUndo, renderUndoPlan, undoPlanLines } from '../../backup/restore/restore-text.ts'
import { planUndo, undoRestore } from '../../backup/restore/undo-restore.ts'
import type { BackupContext } from './backup-context.ts'
import { requireDryRun } from './require-dry-run.ts'

export const restoreUndo = defineVerb({
  usage: ['restore-undo [--dry-run [--porcelain]]   bring back what the last restore has set aside'],
  options: {
    'dry-run': { type: 'boolean', default: false },
    porcelain: { type: 'boolean', default: false },
  },
  refuse: ({ values }) => requireDryRun(values),
  run: async ({ settings, print, say }: BackupContext, { values }) => {
    if (!values['dry-run']) {
      print(renderUndo(await undoRestore(settings)))
      return
    }
    const plan = await planUndo(settings)
    const text = renderUndoPlan(plan, new Date())
    if (!values.porcelain) {
      print(text)
      return
    }
    say(text)
    print(undoPlanLines(plan))
  },
})
