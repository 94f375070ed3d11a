import type { Random } from '../random.ts'
import type { BackupStage } from './backup-stage.ts'

/** What a run of a fault saw. */
export interface Seen {
  /** Exit code, or the signal that ended it. */
  ended: string
  stderr: string
  /** Beside what the stage finds by itself: damaged ones that were accepted. */
  lookedGood?: number
  /** Whether the metrics said what they have to; the stage checks those of the stored backups by itself. */
  isMetricRight?: boolean
}

export interface BackupFault {
  name: string
  /** At another moment each time: run as often as is asked for. */
  isRandom?: boolean
  /** How the command has to end. */
  expected: string
  /** In what it says; absent where it is killed or succeeds, and says nothing. */
  sentence?: RegExp
  /** The content of the backup may have become the live one: a restore that was not refused. */
  mayRestore?: boolean
  /** Why it cannot be run on this machine. */
  missing?: () => string | undefined
  /** Before the live database is looked at. */
  prepare?: (stage: BackupStage) => Promise<void>
  run: (stage: BackupStage, random: Random) => Promise<Seen>
  /** Once all was compared; throws when what is left stands in the way. */
  afterwards?: (stage: BackupStage) => Promise<void>
}
