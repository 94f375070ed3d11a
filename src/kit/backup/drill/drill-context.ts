import type { RunLimits } from '../../migrate/run-settings.ts'
import type { Programs } from '../../postgres/run-program.ts'
import type { DrillPlace } from './drill-place.ts'
import type { Steps } from './take-steps.ts'
import type { ApiProgram } from './try-api.ts'

/** Context of one drill, beside the request. */
export interface DrillContext {
  place: DrillPlace
  programs: Programs
  api: ApiProgram
  /** Content of ops/postgres/roles.sql in this image. */
  rolesSql: string
  migration: RunLimits
  steps: Steps
  /** Aborted on timeout, on low disk space and when the client disconnects. */
  signal: AbortSignal
}
