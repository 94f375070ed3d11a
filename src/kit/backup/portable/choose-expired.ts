export interface KeepCounts {
  hourly: number
  daily: number
  weekly: number
  monthly: number
}

/** A backup as input of retention, local or off-site. */
export interface Candidate {
  name: string
  /** From the manifest, or from the name when the manifest is unreadable. Not a file time. */
  createdAt: Date
  /** `scheduled`, or the reason of a requested backup. */
  reason: string
  /** The files match the manifest. */
  isVerified: boolean
  /** A drill has restored it. */
  isProven: boolean
}

/** Minimum, whatever the counts say. */
const fewestKept = 3
/** Kept backups per reason: manual, before_migration, before_restore, before_upgrade. */
const keptOfEachReason = 3

const dayMs = 86_400_000

/** 1970-01-05 was a Monday. */
function weekOf(at: Date): string {
  return String(Math.floor((at.getTime() / dayMs - 4) / 7))
}

const periods: [keyof KeepCounts, (at: Date) => string][] = [
  ['hourly', (at) => at.toISOString().slice(0, 13)],
  ['daily', (at) => at.toISOString().slice(0, 10)],
  ['weekly', weekOf],
  ['monthly', (at) => at.toISOString().slice(0, 7)],
]

/** Returns the newest candidate of each of the newest `count` periods that contain one. */
function newestOfPeriods(
  newestFirst: Candidate[],
  periodOf: (at: Date) => string,
  count: number,
): Candidate[] {
  const seen = new Set<string>()
  return newestFirst.filter(({ createdAt }) => {
    const period = periodOf(createdAt)
    if (seen.has(period) || seen.size >= count) return false
    seen.add(period)
    return true
  })
}

function newestOfReasons(newestFirst: Candidate[]): Candidate[] {
  const reasons = new Set(newestFirst.map(({ reason }) => reason).filter((reason) => reason !== 'scheduled'))
  return [...reasons].flatMap((wanted) =>
    newestFirst.filter(({ reason }) => reason === wanted).slice(0, keptOfEachReason),
  )
}

/**
 * Returns the backups that have expired under grandfather-father-son retention. Counts periods that
 * contain a backup instead of age, so that nothing expires while new backups are missing. Counts and
 * removes verified backups only: a damaged one must stay visible. Removes nothing while the newest is
 * unverified, and nothing dated after `now`, because one of the two clocks is wrong.
 */
export function chooseExpired(candidates: Candidate[], keep: KeepCounts, now: Date): Candidate[] {
  const past = candidates
    .filter(({ createdAt }) => createdAt <= now)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.name < b.name ? 1 : -1))
  if (past[0]?.isVerified !== true) return []
  const counted = past.filter(({ isVerified }) => isVerified)
  const kept = new Set([
    ...counted.slice(0, fewestKept),
    ...counted.filter(({ isProven }) => isProven).slice(0, 1),
    ...newestOfReasons(counted),
    ...periods.flatMap(([period, periodOf]) => newestOfPeriods(counted, periodOf, keep[period])),
  ])
  return counted.filter((candidate) => !kept.has(candidate))
}
