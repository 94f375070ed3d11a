import type { ExitName } from '../../errors.ts'

/** Result of a command: the same facts for a script and for a reader. */
export interface Outcome {
  exit: ExitName
  json: Record<string, unknown>
  text: string
  /** With --porcelain: `key=value` lines for a script, and sentences for standard error. */
  porcelain?: { lines: string[]; sentences: string[] }
}
