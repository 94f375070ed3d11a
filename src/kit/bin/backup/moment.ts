import { renderMomentPlan, renderRecovered } from '../../backup/continuous/moment-text.ts'
import type { RepositoryName } from '../../backup/continuous/continuous-settings.ts'
import { parseMoment, parsePointName, type Moment } from '../../backup/continuous/moment.ts'
import { prepareMoment, restoreMoment } from '../../backup/continuous/restore-moment.ts'
import { defineVerb, wrongArguments, type Arguments } from '../process/define-verb.ts'
import type { BackupContext } from './backup-context.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

const options = {
  at: { type: 'string', default: '' },
  name: { type: 'string', default: '' },
  repository: { type: 'string', default: '' },
  'dry-run': { type: 'boolean', default: false },
} as const

function momentOf({ at, name }: Arguments<typeof options>['values']): Moment {
  return name === '' ? parseMoment(at) : { kind: 'name', name: parsePointName(name) }
}

function repositoryOf(name: string): RepositoryName | undefined {
  if (name === '' || name === 'repo1' || name === 'repo2') return name === '' ? undefined : name
  throw wrongArguments(`expected repo1 or repo2 (got '${name}')`)
}

/** Runs where no database is: the folder is a new volume, and ops/restore-moment.sh does the rest. */
export const moment = defineVerb({
  usage: [
    'moment --at TIME|latest, --name NAME [--repository repo2] [--dry-run]   fill the empty data folder with that moment',
  ],
  options,
  refuse: ({ values }) => {
    if ((values.at === '') === (values.name === ''))
      throw wrongArguments('moment needs either --at or --name')
  },
  run: async ({ continuous, settings, say, print }: BackupContext, { values }) => {
    const request = {
      moment: momentOf(values),
      folder: continuous.dataFolder,
      repository: repositoryOf(values.repository),
    }
    if (values['dry-run']) {
      print(renderMomentPlan(await prepareMoment(continuous, request)))
      return
    }
    const progress = settings.progress?.bind(undefined, 'restore')
    const watched = { ...request, progress, signal: abortOnSignal() }
    const { plan, cluster } = await restoreMoment(continuous, watched)
    say(renderMomentPlan(plan))
    print(renderRecovered(cluster))
  },
})
