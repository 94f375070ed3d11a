import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BackupError } from '../backup-error.ts'
import { bytesBelow } from '../bytes-below.ts'
import type { Expected, Progress } from '../progress.ts'
import { sqlLiteral } from '../sql-identifier.ts'
import { watchProgress } from '../watch-progress.ts'
import { refuseSmallVolume } from './refuse-small-volume.ts'
import type { ContinuousSettings } from './continuous-settings.ts'
import { fetchWal, handoverName } from './fetch-wal.ts'
import type { StoredSegment } from './list-wal.ts'
import type { Moment } from './moment.ts'
import { planMoment, type MomentPlan } from './plan-moment.ts'
import { expectEngine } from './run-engine.ts'
import { chooseRepository } from './choose-repository.ts'
import { segmentBytes } from './wal-segment.ts'

export interface RestoredFolder {
  plan: MomentPlan
  folder: string
  /** Recovery has to come as far as this one, unless it stops at a moment before. */
  lastSegment: StoredSegment | undefined
}

const refuseFilled = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const found = (await readdir(folder)).filter((name) => name !== 'lost+found')
  if (found.length === 0) return
  throw new BackupError(
    'refused',
    `${folder} is not empty: a cluster is restored into a new folder only`,
    'name another folder',
  )
}

const targetLines = (moment: Moment): string[] => {
  if (moment.kind === 'latest') return []
  const target =
    moment.kind === 'time'
      ? [`recovery_target_time = ${sqlLiteral(moment.text)}`, 'recovery_target_inclusive = off']
      : [`recovery_target_name = ${sqlLiteral(moment.name)}`]
  return [...target, "recovery_target_action = 'promote'"]
}

/** Kept as it was, for the server that goes live afterwards. */
export const settingsFile = 'postgresql.auto.conf'
export const settingsBefore = `${settingsFile}.before_restore`

/** Relative to the data folder, which is where a server runs its commands: the folder may be handed over elsewhere. */
const writeRecoverySettings = async (folder: string, { moment, timeline }: MomentPlan): Promise<void> => {
  const before = await readFile(join(folder, settingsFile), 'utf8').catch(() => '')
  await writeFile(join(folder, settingsBefore), before, { mode: 0o600 })
  const lines = [
    `restore_command = 'cp "${handoverName}/%f" "%p"'`,
    `recovery_target_timeline = '${timeline}'`,
    ...targetLines(moment),
  ]
  await appendFile(join(folder, settingsFile), `${lines.join('\n')}\n`)
  await writeFile(join(folder, 'recovery.signal'), '', { mode: 0o600 })
}

export const neededBytes = ({ base, segments }: MomentPlan): number =>
  base.clusterBytes + segments.length * segmentBytes

export interface Filling {
  /** Empty; on the disk of the volumes. */
  folder: string
  signal?: AbortSignal | undefined
  /** Where somebody looks on: what has come, of what the cluster and its WAL need. */
  progress?: ((expected: Expected) => Progress) | undefined
}

/** Fills the empty `folder` by a plan; see restoreToFolder. */
export const restorePlan = async (
  settings: ContinuousSettings,
  plan: MomentPlan,
  { folder, signal, progress }: Filling,
): Promise<RestoredFolder> => {
  await refuseFilled(folder)
  await refuseSmallVolume(folder, neededBytes(plan))
  const args = ['restore', `--pg1-path=${folder}`, `--set=${plan.base.label}`, '--type=none']
  const fill = async () => {
    await expectEngine(settings, { repository: plan.repository.name, args, signal })
    return fetchWal(settings, plan, folder, { isAll: false, signal })
  }
  const shown = progress?.({ bytes: neededBytes(plan), isAbout: true })
  const lastSegment = await (shown === undefined
    ? fill()
    : watchProgress(shown, () => bytesBelow(folder), fill))
  await writeRecoverySettings(folder, plan)
  return { plan, folder, lastSegment }
}

/**
 * Fills the empty `folder` with a cluster that recovers to `target` as soon as a server of the same major is started in it,
 * with neither network nor key: base backup, WAL and settings are all in the folder. The server promotes itself when it has
 * got there, and ends with FATAL when the target is never reached.
 * @public for the drills
 */
export const restoreToFolder = async (
  settings: ContinuousSettings,
  { target, ...filling }: Filling & { target: Moment },
): Promise<RestoredFolder> => {
  const repository = await chooseRepository(settings)
  return restorePlan(settings, await planMoment(settings, repository, target), filling)
}
