import type { ExitName } from '../../errors.ts'
import { explainFault } from '../explain-fault.ts'
import { DrillDifference } from './drill-difference.ts'
import type { DrillFault, DrillOutcome, Findings, StepTime } from './drill-protocol.ts'

const longest = 1_900
const shownDifferences = 50

function cut(text: string): string {
  return text.length > longest ? `${text.slice(0, longest)} ...` : text
}

const outOfSpace = /No space left on device|could not extend file|Disk quota exceeded/

function faultOf(exit: ExitName, sentence: string): ExitName {
  return outOfSpace.test(sentence) ? 'no_space' : exit
}

/** Converts any error to a DrillFault, shortened to the limits of the protocol. */
export function describeFault(err: unknown): DrillFault {
  const { exit, publicMessage, hint } = explainFault(err)
  const differences = err instanceof DrillDifference ? err.differences : []
  return {
    fault: faultOf(exit, publicMessage),
    sentence: cut(publicMessage),
    hint: cut(hint ?? ''),
    differences: differences.slice(0, shownDifferences).map(cut),
  }
}

export function succeeded(steps: StepTime[], findings: Findings): DrillOutcome {
  return {
    type: 'ended',
    fault: null,
    steps,
    findings,
  }
}

export function failed(steps: StepTime[], err: unknown): DrillOutcome {
  return {
    type: 'ended',
    fault: describeFault(err),
    steps,
    findings: null,
  }
}
