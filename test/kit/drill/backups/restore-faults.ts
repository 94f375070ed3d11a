import { hammer } from '../../integration/backup/hammer.ts'
import type { Started } from '../../integration/backup/run-cli.ts'
import { until } from '../../support/until.ts'
import type { BackupFault } from './backup-fault.ts'
import type { BackupStage } from './backup-stage.ts'
import { breakAtRandom, endingOf, kill } from './kill-at-random.ts'

const connections = 50
const answeredAgain = 10

const restoreMs = new WeakMap<BackupStage, number>()

function start(stage: BackupStage) {
return (): Started =>
  stage.start('migrator', ['restore', '--from', stage.backup, '--drop-older'])
}

/** How long a restore takes here, measured once. */
async function measure(stage: BackupStage): Promise<void> {
  if (restoreMs.has(stage)) return
  const begin = performance.now()
  const { code, stderr } = await start(stage)().ended
  if (code !== 0) throw new Error(stderr)
  restoreMs.set(stage, performance.now() - begin)
}

/** What was left behind by the one that was killed must not stand in the way of the next. */
async function restoreAfterwards(stage: BackupStage): Promise<void> {
  await until('the next restore runs through', async () => (await start(stage)().ended).code === 0, {
    deadlineMs: 60_000,
  })
  const left = (await stage.base.others()).filter((name) => name.includes('_restore_'))
  if (left.length > 0) throw new Error(`half-made databases are left: ${left.join()}`)
}

const killProcess: BackupFault['run'] = async (stage, { next }) => {
  const ended = await breakAtRandom(restoreMs.get(stage) ?? 0, next, start(stage), kill)
  return { ended: endingOf(ended), stderr: ended.stderr }
}

const killServer: BackupFault['run'] = async (stage, { next }) => {
  const { server } = stage.base
  const ended = await breakAtRandom(
    restoreMs.get(stage) ?? 0,
    () => 0.3 + 0.5 * next(),
    start(stage),
    () => server.stop('SIGKILL').then(() => true),
  )
  await server.start()
  return { ended: endingOf(ended), stderr: ended.stderr }
}

/** Each of them has to be answered again, by what was restored. */
const underClients: BackupFault['run'] = async (stage) => {
  const hammers = Array.from({ length: connections }, () => hammer(stage.base.url('app')))
  try {
    const ended = await start(stage)().ended
    const before = hammers.map((each) => each.answers())
    await until('every client is answered again', () =>
      hammers.every((each, n) => each.answers() >= (before[n] ?? 0) + answeredAgain),
    )
    return { ended: endingOf(ended), stderr: ended.stderr }
  } finally {
    await Promise.all(hammers.map((each) => each.stop()))
  }
}

export const restoreFaults: readonly BackupFault[] = [
  { name: 'restore killed (-9)', isRandom: true, expected: 'SIGKILL', mayRestore: true, prepare: measure, run: killProcess, afterwards: restoreAfterwards },
  {
    name: 'restore: server killed (-9)',
    isRandom: true,
    expected: '22',
    sentence: /^error: .+\nhint: /m,
    mayRestore: true,
    prepare: measure,
    run: killServer,
    afterwards: restoreAfterwards,
  },
  { name: `restore over ${connections} live connections`, expected: '0', mayRestore: true, run: underClients },
]
