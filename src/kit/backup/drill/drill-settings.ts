import type { DumpKeys } from '../portable/open-dump.ts'
import type { OpenProgress } from '../../host/progress.ts'
import type { StepName } from './drill-protocol.ts'

/** What the backup service knows when it hands a drill over. */
export interface DrillSettings {
  backupsFolder: string
  /** The volume that is shared with the drill service. */
  handOverFolder: string
  timeoutMs: number
  /** What opens the dump; the drill itself has no key. */
  keys: DumpKeys
  onStep: (name: StepName) => void
  /** Where somebody looks on. */
  progress?: OpenProgress | undefined
  signal?: AbortSignal | undefined
}
