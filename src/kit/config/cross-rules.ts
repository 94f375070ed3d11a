import type { Fault } from './config-error.ts'
import { offsiteRules } from './offsite-rules.ts'

type Values = Record<string, unknown>

/** Writes DATABASE_PASSWORD into the URL, so that the rest of the process reads one value. */
function fillPassword(values: Values): Fault[] {
  const { DATABASE_URL: text, DATABASE_PASSWORD: password } = values
  if (typeof text !== 'string' || typeof password !== 'string') return []
  const url = new URL(text)
  if (url.password !== '') {
    const problem = 'set although DATABASE_URL holds a password already'
    return [{ key: 'DATABASE_PASSWORD', problem, hint: 'remove one of the two' }]
  }
  // The setter leaves % unescaped, and it would then be decoded.
  url.password = encodeURIComponent(password)
  values['DATABASE_URL'] = url.href
  return []
}

function samePort(values: Values): Fault[] {
  const { HTTP_PORT: http, METRICS_PORT: metrics } = values
  if (typeof http !== 'number' || http === 0 || http !== metrics) return []
  const problem = `expected another port than HTTP_PORT (got ${http})`
  return [{ key: 'METRICS_PORT', problem, hint: 'leave it out for the default 9464' }]
}

/** From the innermost limit to the outermost: the innermost one knows most about a fault and must report it first. */
const ladder = [
  'DATABASE_LOCK_TIMEOUT_MS',
  'DATABASE_STATEMENT_TIMEOUT_MS',
  'DATABASE_QUERY_TIMEOUT_MS',
  'HTTP_REQUEST_TIMEOUT_MS',
  'HTTP_RECEIVE_TIMEOUT_MS',
]

function rungs(keys: readonly string[], values: Values): Fault[] {
  return keys.slice(0, -1).flatMap((key, rung) => {
    const above = keys[rung + 1] ?? ''
    const [inner, outer] = [values[key], values[above]]
    if (typeof inner !== 'number' || typeof outer !== 'number' || inner < outer) return []
    const problem = `expected less than ${above}, which is ${outer} (got ${inner})`
    return [{ key, problem, hint: 'the inner time-out must end before the outer one' }]
  })
}

/** Checks rules over several settings, on those that parsed; may set one from another. */
export function crossRules(values: Values): Fault[] {
  return [
    ...fillPassword(values),
    ...samePort(values),
    ...offsiteRules(values),
    ...rungs(ladder, values),
    ...rungs(['HTTP_HEADERS_TIMEOUT_MS', 'HTTP_RECEIVE_TIMEOUT_MS'], values),
  ]
}
