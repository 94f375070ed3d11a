import { performance } from 'node:perf_hooks'
import type { StepName, StepTime } from './drill-protocol.ts'

export interface Steps {
  taken: StepTime[]
  take: <T>(name: StepName, work: () => Promise<T>) => Promise<T>
}

/** Creates a runner for the steps of a drill: it announces each step and records its duration. */
export function takeSteps(announce: (name: StepName) => void, signal: AbortSignal): Steps {
  const taken: StepTime[] = []
  return {
    taken,
    take: async (name, work) => {
      signal.throwIfAborted()
      announce(name)
      const begin = performance.now()
      const made = await work()
      taken.push({ name, ms: Math.round(performance.now() - begin) })
      return made
    },
  }
}
