import { defineVerb, wrongArguments, type Arguments } from '../process/define-verb.ts'
import { planRestore } from '../../backup/restore/plan-restore.ts'
import { restoreBackup } from '../../backup/restore/restore-backup.ts'
import { restoreBeside, type BesideRequest } from '../../backup/restore/restore-beside.ts'
import { renderBeside, planLines, renderOutcome, renderPlan } from '../../backup/restore/restore-text.ts'
import { parseTableName } from '../../backup/restore/table-entries.ts'
import type { BackupContext } from './backup-context.ts'
import { requireDryRun } from './require-dry-run.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

const options = {
  from: { type: 'string', default: '' },
  into: { type: 'string' },
  table: { type: 'string' },
  'search-path': { type: 'string' },
  'data-free-bytes': { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  porcelain: { type: 'boolean', default: false },
  'other-database': { type: 'boolean', default: false },
  'drop-older': { type: 'boolean', default: false },
} as const

type Values = Arguments<typeof options>['values']

function requestOf(values: Values): BesideRequest {
  return {
    from: values.from,
    into: values.into,
    table: values.table === undefined ? undefined : parseTableName(values.table),
    isOtherDatabaseAllowed: values['other-database'],
    dataFreeBytes: values['data-free-bytes'] === undefined ? undefined : Number(values['data-free-bytes']),
  }
}

function isBeside({ into, table }: Values): boolean {
  return into !== undefined || table !== undefined
}

function refuse({ values }: Arguments<typeof options>): void {
  if (values.from === '') throw wrongArguments('restore needs to know what from')
  requireDryRun(values)
  if (!/^\d*$/.test(values['data-free-bytes'] ?? ''))
    throw wrongArguments(`--data-free-bytes: expected a number (got ${values['data-free-bytes'] ?? ''})`)
  if (isBeside(values) && values['drop-older'])
    throw wrongArguments('--drop-older goes with a restore of the live database')
}

async function restoreNow({ settings: common, print }: BackupContext, values: Values): Promise<void> {
  const settings = { ...common, searchPath: values['search-path'] }
  const request = requestOf(values)
  const signal = abortOnSignal()
  if (isBeside(values)) {
    print(renderBeside(await restoreBeside(settings, request, signal)))
    return
  }
  const outcome = await restoreBackup(settings, { ...request, isOlderDropped: values['drop-older'] }, signal)
  print(renderOutcome(outcome, new Date()))
}

export const restore = defineVerb({
  usage: [
    'restore --from NAME|PATH|latest [--into DATABASE] [--table SCHEMA.TABLE] [--dry-run [--porcelain]] [--other-database]',
    'restore ... [--drop-older] [--data-free-bytes N] [--search-path public,other]',
  ],
  options,
  refuse,
  run: async (context: BackupContext, { values }) => {
    if (!values['dry-run']) return restoreNow(context, values)
    const request = requestOf(values)
    const settings = { ...context.settings, searchPath: values['search-path'] }
    const plan = await planRestore(settings, request)
    const text = renderPlan(plan, request, new Date())
    if (!values.porcelain) {
      context.print(text)
      return
    }
    context.say(text)
    context.print(planLines(plan))
  },
})
