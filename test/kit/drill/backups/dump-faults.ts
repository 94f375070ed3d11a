import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Started } from '../../integration/backup/run-cli.ts'
import { until } from '../../support/until.ts'
import { mountSmallVolume, whyNoMount } from '../small-volume.ts'
import type { BackupFault, Seen } from './backup-fault.ts'
import type { BackupStage } from './backup-stage.ts'
import { breakAtRandom, endingOf, kill, untilChild } from './kill-at-random.ts'

const createMs = new WeakMap<BackupStage, number>()

/** How long a dump takes here, measured once. */
async function measure(stage: BackupStage): Promise<void> {
  if (createMs.has(stage)) return
  const begin = performance.now()
  const { code, stderr } = await stage.run('backup', ['create'])
  if (code !== 0) throw new Error(stderr)
  createMs.set(stage, performance.now() - begin)
}

async function hasFailed(stage: BackupStage, folder = stage.folder): Promise<boolean> {
return (await stage.metric(folder, 'backup_last_run_failed', { job_name: 'portable_dump' })) === 1
}

function create(stage: BackupStage) {
return (): Started => stage.start('backup', ['create'])
}

const killProcess: BackupFault['run'] = async (stage, { next }) =>
  breakAtRandom(createMs.get(stage) ?? 0, next, create(stage), kill).then((ended) => ({
    ended: endingOf(ended),
    stderr: ended.stderr,
  }))

function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

/** While it runs, which is a part of the time only. */
function killChild(name: string, argument: string): BackupFault['run'] {
return async (stage, { next }) => {
    const ended = await breakAtRandom(0, next, create(stage), async (started) => {
      // Before it there is an age for the roles, which is over in no time.
      await untilChild(started, 'pg_dump', '--format=custom')
      const pid = await untilChild(started, name, argument)
      await wait(next() * 100)
      return pid !== undefined && killIfThere(pid)
    })
    return { ended: endingOf(ended), stderr: ended.stderr, isMetricRight: await hasFailed(stage) }
  }
}

const killServer: BackupFault['run'] = async (stage, { next }) => {
  const { server } = stage.base
  const ended = await breakAtRandom(createMs.get(stage) ?? 0, () => 0.3 + 0.5 * next(), create(stage), () =>
    server.stop('SIGKILL').then(() => true),
  )
  await server.start()
  return { ended: endingOf(ended), stderr: ended.stderr, isMetricRight: await hasFailed(stage) }
}

function isBeingWritten(folder: string): boolean {
return readdirSync(folder)
    .filter((name) => name.endsWith('.partial'))
    .some((name) => readdirSync(join(folder, name)).some((file) => statSync(join(folder, name, file)).size > 0))
}

/** From the first byte of the dump on, the disk takes no more. */
const fillVolume: BackupFault['run'] = async (stage) => {
  const folder = join(stage.scratch, `small-volume-${Date.now()}`)
  const volume = await mountSmallVolume(folder, 128)
  const settings = { BACKUP_FOLDER: folder }
  const first = await stage.run('backup', ['create'], settings)
  if (first.code !== 0) throw new Error(first.stderr)
  const { ended } = stage.start('backup', ['create'], settings)
  await until('a dump is being written', () => isBeingWritten(folder))
  volume.fill()
  const { stderr, ...how } = await ended
  volume.free()
  const left = readdirSync(folder).filter((name) => /^\d/.test(name))
  return { ended: endingOf(how), stderr, lookedGood: left.join() === first.stdout ? 0 : 1 }
}

/** One of them is refused; which one is of no interest. */
const twoAtOnce: BackupFault['run'] = async (stage): Promise<Seen> => {
  const both = await Promise.all([create(stage)().ended, create(stage)().ended])
  const refused = both.find(({ code }) => code !== 0)
  return { ended: both.map(endingOf).sort().join(' and '), stderr: refused?.stderr ?? '' }
}

export const dumpFaults: readonly BackupFault[] = [
  { name: 'dump: backup killed (-9)', isRandom: true, expected: 'SIGKILL', prepare: measure, run: killProcess },
  {
    name: 'dump: pg_dump killed (-9)',
    isRandom: true,
    expected: '1',
    sentence: /^error: pg_dump ended with SIGKILL.*\nhint: /m,
    run: killChild('pg_dump', '--format=custom'),
  },
  {
    name: 'dump: age killed (-9)',
    isRandom: true,
    expected: '55',
    sentence: /^error: age did not encrypt: .*\nhint: /m,
    run: killChild('age', '--encrypt'),
  },
  {
    name: 'dump: age that reads it back killed (-9)',
    isRandom: true,
    expected: '1',
    sentence: /^error: age was ended by SIGKILL while it read database\.dump\.age\nhint: /m,
    run: killChild('age', '--decrypt'),
  },
  {
    name: 'dump: server killed (-9)',
    isRandom: true,
    expected: '22',
    sentence: /^error: .+\nhint: /m,
    prepare: measure,
    run: killServer,
  },
  {
    name: 'dump: volume of the backups full',
    expected: '51',
    sentence: /^error: the disk of the backups is full\nhint: free space/m,
    missing: whyNoMount,
    run: fillVolume,
  },
  {
    name: 'two backups at once',
    expected: '0 and 20',
    sentence: /^error: the backups folder is in use: backup since .*\nhint: wait/m,
    run: twoAtOnce,
  },
]
