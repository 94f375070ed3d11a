import type { RunLimits } from '../../migrate/run-settings.ts'
import type { Programs } from '../../postgres/run-program.ts'
import type { DrillPlace } from './drill-place.ts'
import type { Steps } from './take-steps.ts'
import type { ApiProgram } from './try-api.ts'

/** What a drill works with, beside what is handed over. */
export interface DrillContext {
  place: DrillPlace
  programs: Programs
  api: ApiProgram
  /** ops/postgres/roles.sql of this image. */
  rolesSql: string
  migration: RunLimits
  steps: Steps
  /** Aborted when the time is up, the volume full, or whoever asked is gone. */
  signal: AbortSignal
}
