import type { ContinuousSettings } from './continuous-settings.ts'
import { listWal, type StoredSegment } from './list-wal.ts'
import { readGapMark, type GapMark } from './read-gap-mark.ts'
import type { BaseBackup, Repository } from './read-repository.ts'
import { parseSegment } from './wal-segment.ts'
import { walkWal } from './walk-wal.ts'

/** A base backup that began after the gap does not need the missing segments. */
function isEnded(mark: GapMark, newest: BaseBackup | undefined): boolean {
  return newest !== undefined && newest.startedAt > mark.until
}

/** Returns the time of a hole in one timeline after `first`. A later timeline has a base backup of its own. */
function holeAfter(segments: StoredSegment[], base: BaseBackup): Date | undefined {
  const first = parseSegment(base.firstSegment)
  if (first === undefined) return undefined
  const chain = [{ timeline: first.timeline, begin: 0, end: Number.POSITIVE_INFINITY }]
  const walk = walkWal(segments, chain, first.position)
  return walk.holeAt === undefined ? undefined : (walk.segments.at(-1)?.archivedAt ?? base.startedAt)
}

export interface ObservedWal {
  /** Start of a gap that no base backup has ended; undefined without a gap. */
  gapSince: Date | undefined
  /** Archive time of the newest segment; undefined before the first base backup. */
  newestAt: Date | undefined
}

function newestOf(segments: StoredSegment[]): Date | undefined {
  return segments.map(({ archivedAt }) => archivedAt).sort((a, b) => b.getTime() - a.getTime())[0]
}

export async function observeWal(settings: ContinuousSettings, repository: Repository): Promise<ObservedWal> {
  const base = repository.bases.at(-1)
  const mark = await readGapMark(settings, repository.name)
  const markedSince = mark !== undefined && !isEnded(mark, base) ? mark.since : undefined
  if (base === undefined) return { gapSince: markedSince, newestAt: undefined }
  const { segments } = await listWal(settings, repository.name, base.archiveId, base.firstSegment)
  return { gapSince: markedSince ?? holeAfter(segments, base), newestAt: newestOf(segments) }
}
