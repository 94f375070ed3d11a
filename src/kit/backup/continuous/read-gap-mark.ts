import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContinuousSettings, RepositoryName } from './continuous-settings.ts'

export interface GapMark {
  firstSegment: string
  since: Date
  lastSegment: string
  until: Date
}

function parseLine(line: string): { segment: string; at: Date } | undefined {
  const [segment, time = ''] = line.split(' ')
  const at = new Date(time)
  return segment === undefined || Number.isNaN(at.getTime()) ? undefined : { segment, at }
}

/**
 * Parses the mark that ops/postgres/pgbackrest-push.sh writes when it drops segments. An unreadable mark
 * counts as a gap since 1970.
 */
export function parseGapMark(text: string): GapMark {
  const [first, last] = text.split('\n').map(parseLine)
  const since = first?.at ?? new Date(0)
  return {
    firstSegment: first?.segment ?? 'unknown',
    since,
    lastSegment: last?.segment ?? first?.segment ?? 'unknown',
    until: last?.at ?? since,
  }
}

export async function readGapMark(
  { dataFolder }: ContinuousSettings,
  repository: RepositoryName,
): Promise<GapMark | undefined> {
  const file = join(dataFolder, 'pg_wal', `slipway_gap_${repository}`)
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseGapMark(text)
}
