import { parseArgs } from 'node:util'
import { AppError } from '../../src/kit/errors.ts'

export const caseNames = ['point read', 'list', 'insert'] as const

export type CaseName = (typeof caseNames)[number]

export interface BenchOptions {
  rounds: number
  /** Of each single measurement. */
  seconds: number
  /** Open at once, each with one request on its way. */
  connections: number
  /** Seconds that may be spent on repeating measurements which something else on the machine disturbed. */
  patience: number
  /** The one case to run; undefined runs all. */
  only: CaseName | undefined
  json: boolean
  /** Folder for one CPU profile per server; undefined measures without the profiler. */
  profileFolder: string | undefined
}

const defaults = { rounds: 7, seconds: 1.2, connections: 16, patience: 0 }

function numberOf(name: keyof typeof defaults, text: string | undefined, max: number): number {
  if (text === undefined) return defaults[name]
  const value = Number(text)
  if (value > 0 && value <= max && (name === 'seconds' || Number.isInteger(value))) return value
  throw new AppError('invalid_request', `--${name}: expected a number up to ${max} (got ${text})`, {
    hint: `leave it out for the default ${defaults[name]}`,
  })
}

function caseOf(text: string | undefined): CaseName | undefined {
  const known = caseNames.find((name) => name === text)
  if (known !== undefined || text === undefined) return known
  throw new AppError('invalid_request', `--case: expected ${caseNames.join(', ')} (got ${text})`)
}

export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string' },
      patience: { type: 'string' },
      case: { type: 'string' },
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  return {
    rounds: numberOf('rounds', values.rounds, 1_000),
    seconds: numberOf('seconds', values.seconds, 600),
    connections: numberOf('connections', values.connections, 1_000),
    patience: numberOf('patience', values.patience, 3_600),
    only: caseOf(values.case),
    json: values.json,
    profileFolder: values.profile,
  }
}
