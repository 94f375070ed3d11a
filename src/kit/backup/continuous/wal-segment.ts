/** One file of WAL by its place; see "WAL internals" in PostgreSQL's manual. Segments are of 16 MiB, as initdb makes them. */
export interface WalSegment {
  timeline: number
  /** Counts on over the log files: a chain has no holes when each is one more than the last. */
  position: number
}

export const segmentBytes = 16 * 1024 * 1024
const segmentsPerLog = 0x1_0000_0000 / segmentBytes

/** undefined for anything that is not the name of a whole segment. */
export const parseSegment = (name: string): WalSegment | undefined => {
  const match = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name)
  if (match === null) return undefined
  const [timeline = 0, log = 0, low = 0] = match.slice(1).map((part) => Number.parseInt(part, 16))
  return low < segmentsPerLog ? { timeline, position: log * segmentsPerLog + low } : undefined
}

/** The folder of a repository in which a segment lies. */
export const logFolder = (name: string): string => name.slice(0, 16)

/** The position of the segment that holds a place such as `0/9000028`; NaN for anything else. */
export const positionOfLsn = (lsn: string): number => {
  const [high = 'x', low = 'x'] = lsn.split('/')
  return Math.floor((Number.parseInt(high, 16) * 0x1_0000_0000 + Number.parseInt(low, 16)) / segmentBytes)
}
