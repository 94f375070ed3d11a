import { machine, type Usage } from './processor-time-of-stack.ts'

/** Per cent of one core. */
export const mostPercent = 4

export interface IdleVerdict {
  isWithin: boolean
  lines: string[]
}

/** Processor time between two readings, in per cent of one core. The figure of the whole machine is printed, not judged. */
export function judgeIdle(before: Usage, after: Usage, seconds: number): IdleVerdict {
  const percent = (name: string): number =>
    (((after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN)) / seconds) * 100
  const names = [...before.keys()].filter((name) => name !== machine)
  const total = names.reduce((sum, name) => sum + percent(name), 0)
  const isWithin = total <= mostPercent
  const line = (name: string): string => `${percent(name).toFixed(2).padStart(7)} %  ${name}`
  return {
    isWithin,
    lines: [
      `the idle stack, per cent of one core, limit ${mostPercent}: ${total.toFixed(2)}, ${isWithin ? 'within' : 'ABOVE'}`,
      ...names.toSorted((one, other) => percent(other) - percent(one)).map(line),
      `beside it, with all that other programs used: ${percent(machine).toFixed(2)} %  ${machine}`,
    ],
  }
}
