import type { ExitName } from '../../errors.ts'

/** One thing that the offline check refuses. */
export interface Fault {
  exit: ExitName
  /** A path below the folder, or a tag. */
  subject: string
  message: string
  hint: string
}
