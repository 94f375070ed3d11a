import { requireFolder } from '../../backup/backups-folder.ts'
import { renderOutcome } from '../../backup/drill/drill-report.ts'
import { runDrills } from '../../backup/drill/run-drills.ts'
import { defineVerb, wrongArguments } from '../process/define-verb.ts'
import { noteRun } from '../../backup/jobs/note-run.ts'
import { drillSettingsOf, drillWishes } from './drill-targets.ts'
import type { BackupContext } from './backup-context.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

const kinds = ['portable', 'continuous', 'all']

export const drill = defineVerb({
  usage: ['drill [--kind portable|continuous|all] [NAME]  restore into a disposable server, and compare'],
  options: { kind: { type: 'string', default: 'all' } },
  names: 1,
  refuse: ({ values: { kind }, names }) => {
    if (!kinds.includes(kind)) throw wrongArguments(`--kind is one of ${kinds.join(', ')} (got ${kind})`)
    if (names.length > 0 && kind === 'continuous') {
      throw wrongArguments('portable backups alone have names; the continuous one is proven as a whole')
    }
  },
  run: async (
    { settings, continuous, config, say, print }: BackupContext,
    { values: { kind }, names: [name] },
  ) => {
    await requireFolder(settings.backupsFolder, 'write')
    const drillSettings = { ...drillSettingsOf(settings, config, say), signal: abortOnSignal() }
    const targets = drillWishes(kind, name, { isOn: config.ARCHIVE, continuous })
    await noteRun(settings.backupsFolder, 'drill', () =>
      runDrills(drillSettings, targets, (record) => print(renderOutcome(record))),
    )
  },
})
