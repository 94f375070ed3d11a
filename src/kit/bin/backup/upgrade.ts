import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'
import { defineVerb, wholeNumber, wrongArguments } from '../process/define-verb.ts'
import { withSession } from '../../postgres/session.ts'
import { newestProof } from '../../backup/upgrade/newest-proof.ts'
import { planUpgrade } from '../../backup/upgrade/plan-upgrade.ts'
import { upgradeCluster } from '../../backup/upgrade/upgrade-cluster.ts'
import { parseFacts, readUpgradeFacts, renderFacts } from '../../backup/upgrade/upgrade-facts.ts'
import { renderUpgraded, renderUpgradePlan } from '../../backup/upgrade/upgrade-text.ts'
import type { BackupContext } from './backup-context.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'

const actions = ['facts', 'check', 'run']

/** On the old server, by a role that may see sizes. */
async function facts({ settings, print }: BackupContext): Promise<void> {
  const provenAt = await newestProof(settings.backupsFolder, new Date())
  const { database, lockTimeoutMs } = settings
  const read = await withSession({ settings: database, lockTimeoutMs }, (session) =>
    readUpgradeFacts(session, provenAt),
  )
  print(renderFacts(read))
}

/** In the new image, with nothing but what the old server said of itself. */
async function check({ settings, continuous, print }: BackupContext, to: number): Promise<void> {
  const { programs, lockTimeoutMs } = settings
  const read = parseFacts(await text(process.stdin))
  const where = { folder: continuous.dataFolder, programs, lockTimeoutMs, signal: abortOnSignal() }
  print(renderUpgradePlan(read, await planUpgrade(where, read, { to, now: new Date() })))
}

async function run(
  { settings, continuous, say, print }: BackupContext,
  to: number,
  jobs: number,
): Promise<void> {
  const { database, programs, lockTimeoutMs, hashBudgetMs, progress } = settings
  const where = { old: database, folder: continuous.dataFolder, programs }
  const how = { jobs, lockTimeoutMs, hashBudgetMs, signal: abortOnSignal(), say, progress }
  print(renderUpgraded(await upgradeCluster({ ...where, ...how }, to)))
}

/** ops/upgrade-postgres.sh does the rest. */
export const upgrade = defineVerb({
  usage: [
    'upgrade facts              what a major upgrade has to know of the old server',
    'upgrade check --to MAJOR   whether it can be done, by those facts on standard input',
    'upgrade run --to MAJOR [--jobs N]  fill the empty data folder with all of the old server',
  ],
  options: { to: { type: 'string', default: '' }, jobs: { type: 'string', default: '' } },
  names: 1,
  refuse: ({ values: { to, jobs }, names: [action] }) => {
    if (action === undefined || !actions.includes(action))
      throw wrongArguments(`expected one of ${actions.join(', ')} (got ${action ?? 'none'})`)
    if (action !== 'facts' && !/^[1-9]\d$/.test(to))
      throw wrongArguments(`--to: expected a major version (got '${to}')`)
    if (jobs !== '') wholeNumber('jobs', jobs, 1, 99)
  },
  run: (context: BackupContext, { values: { to, jobs }, names: [action] }) => {
    if (action === 'facts') return facts(context)
    if (action === 'check') return check(context, Number(to))
    return run(context, Number(to), jobs === '' ? availableParallelism() : Number(jobs))
  },
})
