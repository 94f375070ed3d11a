import type { Fault } from './config-error.ts'

type Values = Record<string, unknown>

const together = [
  'OFFSITE_S3_ENDPOINT',
  'OFFSITE_S3_BUCKET',
  'OFFSITE_S3_ACCESS_KEY_ID',
  'OFFSITE_S3_SECRET_ACCESS_KEY',
]

const hint = 'set all four for copies off-site, or none: docs/how-to/copy-off-site.md'

/** Half of the settings would look like copies off-site and make none. */
function allOrNone(values: Values): Fault[] {
  const missing = together.filter((key) => key in values && values[key] === undefined)
  if (missing.length === together.length) return []
  const others = together.filter((key) => !missing.includes(key))
  return missing.map((key) => ({
    key,
    problem: `not set although ${others.join(' and ')} ${others.length === 1 ? 'is' : 'are'}`,
    hint,
  }))
}

/** pgBackRest speaks nothing else, and the keys of what is not encrypted would go over the network in the open. */
function overTls({ OFFSITE_S3_ENDPOINT: endpoint }: Values): Fault[] {
  if (typeof endpoint !== 'string') return []
  const { protocol, pathname, search } = new URL(endpoint)
  if (protocol === 'https:' && pathname === '/' && search === '') return []
  const problem = `expected https://, a host and nothing after it (got "${endpoint}")`
  return [{ key: 'OFFSITE_S3_ENDPOINT', problem, hint: 'bucket and folder have settings of their own' }]
}

/** Both stand in paths of objects, and in the configuration of two programs. */
function plainNames(values: Values): Fault[] {
  return ['OFFSITE_S3_BUCKET', 'OFFSITE_S3_PREFIX', 'OFFSITE_S3_REGION'].flatMap((key) => {
    const value = values[key]
    if (typeof value !== 'string' || /^[\w.-]+(\/[\w.-]+)*$/.test(value)) return []
    const problem = `expected letters, digits, dots, dashes and slashes between them (got ${JSON.stringify(value)})`
    return [{ key, problem, hint: 'a folder stands there without slashes at its ends' }]
  })
}

export function offsiteRules(values: Values): Fault[] {
  return [...allOrNone(values), ...overTls(values), ...plainNames(values)]
}
