import type { Fault } from './config-error.ts'

type Values = Record<string, unknown>

/** DATABASE_PASSWORD goes into the URL, so that everybody else sees one value. */
const fillPassword = (values: Values): Fault[] => {
  const { DATABASE_URL: text, DATABASE_PASSWORD: password } = values
  if (typeof text !== 'string' || typeof password !== 'string') return []
  const url = new URL(text)
  if (url.password !== '') {
    const problem = 'set although DATABASE_URL holds a password already'
    return [{ key: 'DATABASE_PASSWORD', problem, hint: 'remove one of the two' }]
  }
  // The setter leaves % alone, which would then be decoded.
  url.password = encodeURIComponent(password)
  values['DATABASE_URL'] = url.href
  return []
}

const samePort = (values: Values): Fault[] => {
  const { HTTP_PORT: http, METRICS_PORT: metrics } = values
  if (typeof http !== 'number' || http === 0 || http !== metrics) return []
  const problem = `expected another port than HTTP_PORT (got ${http})`
  return [{ key: 'METRICS_PORT', problem, hint: 'leave it out for the default 9464' }]
}

const lockBelowStatement = (values: Values): Fault[] => {
  const { DATABASE_LOCK_TIMEOUT_MS: lock, DATABASE_STATEMENT_TIMEOUT_MS: statement } = values
  if (typeof lock !== 'number' || typeof statement !== 'number' || lock < statement) return []
  const problem = `expected less than DATABASE_STATEMENT_TIMEOUT_MS, which is ${statement} (got ${lock})`
  return [
    { key: 'DATABASE_LOCK_TIMEOUT_MS', problem, hint: 'a lock wait must end before its statement does' },
  ]
}

/** What only two settings together can say. Runs on those that parsed; may fill one from another. */
export const crossRules = (values: Values): Fault[] => [
  ...fillPassword(values),
  ...samePort(values),
  ...lockBelowStatement(values),
]
