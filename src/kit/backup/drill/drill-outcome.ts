import type { ExitName } from '../../errors.ts'
import { explainFault } from '../explain-fault.ts'
import { DrillDifference } from './drill-difference.ts'
import type { DrillFault, DrillOutcome, Findings, StepTime } from './drill-protocol.ts'

const longest = 1_900
const shownDifferences = 50

const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest)} ...` : text)

const outOfSpace = /No space left on device|could not extend file|Disk quota exceeded/

const faultOf = (exit: ExitName, sentence: string): ExitName =>
  outOfSpace.test(sentence) ? 'no_space' : exit

/** Converts any error to a DrillFault, shortened to the limits of the protocol. */
export const describeFault = (err: unknown): DrillFault => {
  const { exit, publicMessage, hint } = explainFault(err)
  const differences = err instanceof DrillDifference ? err.differences : []
  return {
    fault: faultOf(exit, publicMessage),
    sentence: cut(publicMessage),
    hint: cut(hint ?? ''),
    differences: differences.slice(0, shownDifferences).map(cut),
  }
}

export const succeeded = (steps: StepTime[], findings: Findings): DrillOutcome => ({
  type: 'ended',
  fault: null,
  steps,
  findings,
})

export const failed = (steps: StepTime[], err: unknown): DrillOutcome => ({
  type: 'ended',
  fault: describeFault(err),
  steps,
  findings: null,
})
