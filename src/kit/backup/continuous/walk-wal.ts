import type { StoredSegment } from './list-wal.ts'
import type { ChainLink } from './timeline-chain.ts'

export interface Walk {
  /**
   * Consecutive segments from the first one, one per position. The newest timeline wins, as in the
   * server's own search.
   */
  segments: StoredSegment[]
  /** Position of the first missing segment when later ones exist; otherwise undefined. */
  holeAt: number | undefined
}

/** Follows a chain of timelines from position `first` while the repository has the next segment. */
export function walkWal(stored: StoredSegment[], chain: ChainLink[], first: number): Walk {
  const byPosition = new Map<number, StoredSegment>()
  for (const segment of stored) {
    const link = chain.find(({ timeline }) => timeline === segment.timeline)
    if (link === undefined || segment.position < link.begin || segment.position > link.end) continue
    const known = byPosition.get(segment.position)
    if (known === undefined || known.timeline < segment.timeline) byPosition.set(segment.position, segment)
  }
  const segments: StoredSegment[] = []
  let position = first
  for (let next = byPosition.get(position); next !== undefined; next = byPosition.get(position)) {
    segments.push(next)
    position += 1
  }
  const isMore = [...byPosition.keys()].some((each) => each > position)
  return { segments, holeAt: isMore ? position : undefined }
}
