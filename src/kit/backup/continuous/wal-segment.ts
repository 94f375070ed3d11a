/**
 * Position of a WAL file; see "WAL Internals" in the PostgreSQL manual. Segments are 16 MiB, the default
 * of initdb.
 */
export interface WalSegment {
  timeline: number
  /** Continuous number across log files: consecutive segments differ by one. */
  position: number
}

export const segmentBytes = 16 * 1024 * 1024
const segmentsPerLog = 0x1_0000_0000 / segmentBytes

/** Parses a segment name. Returns undefined for other file names. */
export function parseSegment(name: string): WalSegment | undefined {
  const match = /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(name)
  if (match === null) return undefined
  const [timeline = 0, log = 0, low = 0] = match.slice(1).map((part) => Number.parseInt(part, 16))
  return low < segmentsPerLog ? { timeline, position: log * segmentsPerLog + low } : undefined
}

/** Returns the folder of a repository that contains the segment. */
export function logFolder(name: string): string {
  return name.slice(0, 16)
}

/** Returns the position of the segment that contains an LSN such as `0/9000028`; NaN for invalid text. */
export function positionOfLsn(lsn: string): number {
  const [high = 'x', low = 'x'] = lsn.split('/')
  return Math.floor((Number.parseInt(high, 16) * 0x1_0000_0000 + Number.parseInt(low, 16)) / segmentBytes)
}
