import type { DumpKeys } from '../portable/open-dump.ts'
import type { OpenProgress } from '../../host/progress.ts'
import type { StepName } from './drill-protocol.ts'

/** Settings of the backup service for a drill. */
export interface DrillSettings {
  backupsFolder: string
  /** Volume shared with the drill service. */
  handoffFolder: string
  timeoutMs: number
  /** Decrypts the dump. The drill service has no key. */
  keys: DumpKeys
  onStep: (name: StepName) => void
  /** Progress reporter; set only on a terminal. */
  progress?: OpenProgress | undefined
  signal?: AbortSignal | undefined
}
