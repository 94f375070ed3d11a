import type { ApiLaunch } from '../api-launch.ts'
import type { Random } from '../random.ts'
import type { StageKind } from '../open-servers.ts'
import type { Stage } from '../stage.ts'

export interface Fault {
  name: string
  /** Begins the fault, holds it, ends it, and throws when it did not happen. */
  run: (stage: Stage, random: Random) => Promise<void>
  /** `plain` when absent. */
  needs?: StageKind
  launch?: (stage: Stage) => Promise<ApiLaunch>
  /** Ends the API on purpose, once. */
  endsApi?: true
  /** The database is away for longer than readiness may take to notice. */
  isAway?: true
  /** The stage is of no use afterwards. */
  spendsStage?: true
  /** Why it cannot be run on this machine. */
  missing?: () => string | undefined
}

/** How long a fault is held that has no time of its own. */
export const holdMs = 3_000
