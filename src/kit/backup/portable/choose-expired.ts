export interface KeepCounts {
  hourly: number
  daily: number
  weekly: number
  monthly: number
}

/** A backup as retention sees it, wherever it is stored. */
export interface Candidate {
  name: string
  /** From its manifest, or from its name when that cannot be read. Never from a file time. */
  createdAt: Date
  /** `scheduled`, or why somebody asked for it. */
  reason: string
  /** Its files are what its manifest says. */
  isVerified: boolean
  /** A drill has restored it. */
  isProven: boolean
}

/** However few the counts say. */
const fewestKept = 3
/** Of each sort that was asked for: manual, before_migration, before_restore, before_upgrade. */
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

/** The newest of each of the newest `count` periods that hold one. */
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
 * Grandfather, father, son: which backups may go. Goes by periods that hold a backup and not by age, so that nothing
 * expires while no new ones come. Only verified ones are counted and only verified ones go: a damaged one has to be seen.
 * Nothing goes when the newest is not verified, nor what is dated after `now`: one of the two clocks is wrong.
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
