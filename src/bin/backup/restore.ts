import { defineVerb, wrongArguments, type Arguments } from '../../backup/parse-command.ts'
import { dropDatabaseFromOutside } from '../../backup/restore/drop-database.ts'
import { planRestore, type RestoreRequest } from '../../backup/restore/plan-restore.ts'
import { restoreBackup } from '../../backup/restore/restore-backup.ts'
import { renderOutcome, renderPlan } from '../../backup/restore/restore-text.ts'
import type { BackupContext } from './backup-context.ts'
import { stopOnSignal } from './stop-on-signal.ts'

const options = {
  from: { type: 'string', default: '' },
  'dry-run': { type: 'boolean', default: false },
  'other-database': { type: 'boolean', default: false },
  'drop-older': { type: 'boolean', default: false },
} as const

type Values = Arguments<typeof options>['values']

const requestOf = (values: Values): RestoreRequest => ({
  from: values.from,
  isOtherDatabaseAllowed: values['other-database'],
})

const restoreNow = async ({ settings, print }: BackupContext, values: Values): Promise<void> => {
  const outcome = await restoreBackup(settings, requestOf(values), stopOnSignal())
  const dropped = values['drop-older'] ? outcome.setAside : []
  for (const name of dropped) await dropDatabaseFromOutside(settings.database, name, settings.lockTimeoutMs)
  print(renderOutcome({ ...outcome, setAside: outcome.setAside.filter((name) => !dropped.includes(name)) }))
}

export const restore = defineVerb({
  usage: ['restore --from NAME|PATH|latest [--dry-run] [--other-database] [--drop-older]'],
  options,
  refuse: ({ values }) => {
    if (values.from === '') throw wrongArguments('restore needs to know what from')
  },
  run: async (context: BackupContext, { values }) => {
    if (!values['dry-run']) return restoreNow(context, values)
    context.print(renderPlan(await planRestore(context.settings, requestOf(values)), new Date()))
  },
})
