import type { Fault } from './config-error.ts'

type Values = Record<string, unknown>

const together = [
  'OFFSITE_S3_ENDPOINT',
  'OFFSITE_S3_BUCKET',
  'OFFSITE_S3_ACCESS_KEY_ID',
  'OFFSITE_S3_SECRET_ACCESS_KEY',
]

const hint = 'set all four for copies off-site, or none: docs/how-to/copy-off-site.md'

/** With some of the settings only, copies off-site would seem to be configured and none would be made. */
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

/** pgBackRest supports only HTTPS, and the credentials of unencrypted copies would be sent in plain text. */
function overTls({ OFFSITE_S3_ENDPOINT: endpoint }: Values): Fault[] {
  if (typeof endpoint !== 'string') return []
  const { protocol, pathname, search } = new URL(endpoint)
  if (protocol === 'https:' && pathname === '/' && search === '') return []
  const problem = `expected https://, a host and nothing after it (got "${endpoint}")`
  return [{ key: 'OFFSITE_S3_ENDPOINT', problem, hint: 'bucket and folder have settings of their own' }]
}

/** Both are part of object paths and of two programs' configuration. */
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
