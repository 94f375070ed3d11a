import type { ServerSettings } from '../../postgres/postgres-options.ts'
import type { OpenProgress } from '../../host/progress.ts'
import type { Programs } from '../../postgres/run-program.ts'

export interface UpgradeSettings {
  /** The live database of the old server, as its superuser; nobody else writes to it meanwhile. */
  old: ServerSettings
  /** Empty: the volume of the new server. */
  folder: string
  /** Of the new major: server and tools. */
  programs: Programs
  /** How many dump and restore at once. */
  jobs: number
  hashBudgetMs: number
  lockTimeoutMs: number
  signal: AbortSignal | undefined
  /** What is being done, for whoever waits. */
  say: (text: string) => void
  /** Where somebody looks on. */
  progress?: OpenProgress | undefined
}
