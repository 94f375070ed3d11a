import { CommandError } from '../../errors.ts'
import { positionOfLsn } from './wal-segment.ts'

/** Part of the history of a timeline: `timeline` holds the segments from `begin` to `end`, both included. */
export interface ChainLink {
  timeline: number
  begin: number
  end: number
}

export function historyName(timeline: number): string {
  return `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`
}

function positionOf(lsn: string): number {
  const position = positionOfLsn(lsn)
  if (!Number.isNaN(position)) return position
  throw new CommandError('archive', `a history file names no place in the WAL (got ${lsn})`, {
    hint: 'docs/runbooks/ArchiveGap.md',
  })
}

/**
 * Parses a history file: `1<tab>0/9000028<tab>why` says where timeline 1 ended. Consecutive timelines
 * share the segment of the switch.
 */
export function parseHistory(timeline: number, text: string): ChainLink[] {
  const lines = text.split('\n').filter((line) => /^\d+\s/.test(line))
  const ends = lines.map((line) => {
    const [ancestor = '', lsn = ''] = line.split(/\s+/)
    return { timeline: Number(ancestor), end: positionOf(lsn) }
  })
  const begins = [0, ...ends.map(({ end }) => end)]
  return [...ends, { timeline, end: Number.POSITIVE_INFINITY }].map((link, index) => ({
    ...link,
    begin: begins[index] ?? 0,
  }))
}
