import type { ServerSettings } from '../../postgres/postgres-options.ts'
import type { OpenProgress } from '../../host/progress.ts'
import type { Programs } from '../../postgres/run-program.ts'

export interface UpgradeSettings {
  /** Live database of the old server, as superuser. No other client writes to it. */
  old: ServerSettings
  /** Empty volume of the new server. */
  folder: string
  /** Server and client programs of the new major. */
  programs: Programs
  /** Parallel jobs of pg_dump and pg_restore. */
  jobs: number
  hashBudgetMs: number
  lockTimeoutMs: number
  signal: AbortSignal | undefined
  /** Reports the current step to the operator. */
  say: (text: string) => void
  /** Progress reporter; set only on a terminal. */
  progress?: OpenProgress | undefined
}
