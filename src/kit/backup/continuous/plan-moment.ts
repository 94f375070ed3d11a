import { join } from 'node:path'
import { CommandError } from '../../errors.ts'
import { stanza, type ContinuousSettings } from './continuous-settings.ts'
import { listWal, type StoredSegment, type StoredWal } from './list-wal.ts'
import type { Moment } from './moment.ts'
import type { BaseBackup, Repository } from './read-repository.ts'
import { readRestorePoints } from './restore-points.ts'
import { expectEngine } from './run-engine.ts'
import { historyName, parseHistory, type ChainLink } from './timeline-chain.ts'
import { parseSegment } from './wal-segment.ts'
import { walkWal, type Walk } from './walk-wal.ts'

export interface MomentPlan {
  moment: Moment
  repository: Repository
  base: BaseBackup
  timeline: number
  /** WAL from the base backup to the first hole or the end of the repository. */
  segments: StoredSegment[]
  timelines: StoredWal['timelines']
  /** Latest recovery target that the segments cover. */
  reachesTo: Date
}

function stamp(time: Date): string {
  return time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z/, '+00')
}

function notHeld(sentence: string, hint: string): CommandError {
  return new CommandError('not_found', sentence, { hint })
}

/** pgBackRest reports whole seconds, so the comparison uses the next second. */
function isAfter(base: BaseBackup, at: Date): boolean {
  return at.getTime() >= base.endedAt.getTime() + 1_000
}

/** Returns the time of the target, or of the named restore point; undefined for `latest`. */
async function timeOf(backupsFolder: string, moment: Moment): Promise<Date | undefined> {
  if (moment.kind === 'latest') return undefined
  if (moment.kind === 'time') return moment.at
  const points = await readRestorePoints(backupsFolder)
  const point = points.findLast(({ name }) => name === moment.name)
  if (point !== undefined) return new Date(point.createdAt)
  const known = points.slice(-5).map(({ name }) => name)
  const hint =
    known.length === 0 ? 'make restore-point NAME=... makes one' : `the last ones are ${known.join(', ')}`
  throw notHeld(`there is no restore point named ${moment.name}`, hint)
}

function chooseBase({ bases, name }: Repository, at: Date | undefined): BaseBackup {
  const base = at === undefined ? bases.at(-1) : bases.findLast((each) => isAfter(each, at))
  if (base !== undefined) return base
  const [oldest] = bases
  if (oldest === undefined)
    throw notHeld(
      `${name} of the archive holds no base backup`,
      'to take one: docker compose -f compose.prod.yaml exec backup node backup.js base --full',
    )
  throw notHeld(
    `${at === undefined ? 'that moment' : stamp(at)} lies before the oldest base backup, which ended at ${stamp(oldest.endedAt)}`,
    'choose a later moment, or a portable backup: make backups',
  )
}

/**
 * Returns the timeline that was live at `at`: the newest one that began after the end of the base backup.
 * A restore begins a timeline only from a complete base backup; a higher timeline that began earlier was
 * abandoned by restore-undo.
 */
function timelineAt(base: BaseBackup, { timelines }: StoredWal, at: Date | undefined): number {
  const own = parseSegment(base.firstSegment)?.timeline ?? 1
  const later = timelines.filter(
    ({ timeline, begunAt }) =>
      timeline > own && begunAt > base.endedAt && (at === undefined || begunAt <= at),
  )
  return later.at(-1)?.timeline ?? own
}

async function readChain(
  settings: ContinuousSettings,
  { name }: Repository,
  base: BaseBackup,
  timeline: number,
): Promise<ChainLink[]> {
  if (timeline === 1) return [{ timeline, begin: 0, end: Number.POSITIVE_INFINITY }]
  const file = join('archive', stanza, base.archiveId, historyName(timeline))
  return parseHistory(timeline, await expectEngine(settings, { repository: name, args: ['repo-get', file] }))
}

function refuseHole(walk: Walk, base: BaseBackup, at: Date | undefined): void {
  const last = walk.segments.at(-1)
  const reachesTo = last?.archivedBy
  // A base backup is unusable without the WAL written while it was taken.
  const isWhole = last !== undefined && last.position >= (parseSegment(base.lastSegment)?.position ?? 0)
  if (isWhole && walk.holeAt === undefined) return
  if (isWhole && at !== undefined && reachesTo !== undefined && at <= reachesTo) return
  throw notHeld(
    `the archive has a gap after ${stamp(reachesTo ?? base.endedAt)}, and ${at === undefined ? 'its end' : stamp(at)} lies behind it`,
    `what can be had is ${stamp(base.endedAt)} to ${stamp(reachesTo ?? base.endedAt)}, or a moment after the next base backup: make backups`,
  )
}

function refuseLater(reachesTo: Date, base: BaseBackup, at: Date | undefined): void {
  if (at === undefined || at <= reachesTo) return
  throw notHeld(
    `${stamp(at)} is not in the archive yet: it reaches from ${stamp(base.endedAt)} to ${stamp(reachesTo)}`,
    'AT=latest restores its end',
  )
}

/**
 * Chooses the base backup and the WAL for a recovery target. Reads the repository only, no server. Throws
 * CommandError when the target is out of reach.
 */
export async function planMoment(
  settings: ContinuousSettings,
  repository: Repository,
  moment: Moment,
): Promise<MomentPlan> {
  const at = await timeOf(settings.backupsFolder, moment)
  const base = chooseBase(repository, at)
  const wal = await listWal(settings, repository.name, base.archiveId, base.firstSegment)
  const timeline = timelineAt(base, wal, at)
  const chain = await readChain(settings, repository, base, timeline)
  const walk = walkWal(wal.segments, chain, parseSegment(base.firstSegment)?.position ?? 0)
  refuseHole(walk, base, at)
  const reachesTo = walk.segments.at(-1)?.archivedBy ?? base.endedAt
  refuseLater(reachesTo, base, at)
  return { moment, repository, base, timeline, segments: walk.segments, timelines: wal.timelines, reachesTo }
}
