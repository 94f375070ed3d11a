import type { Found, Rule } from './file-facts.ts'
import { isTransactionControl } from './repeatable.ts'
import { matchAt, TokenReader } from '../../sql/token-reader.ts'
import type { Token } from '../../sql/tokenize.ts'

const timeouts = new Set(['lock_timeout', 'statement_timeout', 'transaction_timeout'])
const riskySettings = new Set([
  'session_replication_role',
  'role',
  'session_authorization',
  'standard_conforming_strings',
  'allow_system_table_mods',
  'zero_damaged_pages',
  'ignore_system_indexes',
  'default_transaction_read_only',
  'row_security',
])

/** SET and RESET of the session, SET as an attribute of a function, role or database, and set_config(). */
export const settings: Rule = ({ tokens }) =>
  tokens.flatMap((token, index) => {
    const line = token.line
    if (matchAt(tokens, index, 'set_config (') > 0) return fromSetConfig(tokens.slice(index + 2), line)
    if (index === 0 && (matchAt(tokens, 0, 'reset') > 0 || matchAt(tokens, 0, 'discard') > 0))
      return reset(tokens, line)
    return isSettingClause(tokens, index) ? fromSet(tokens, index, line) : []
  })

function isSettingClause(tokens: readonly Token[], index: number): boolean {
  if (matchAt(tokens, index, 'set') === 0) return false
  const isAttribute =
    ['create', 'alter'].includes(tokens[0]?.value ?? '') && matchAt(tokens, 0, 'alter table') === 0
  return index === 0 || isAttribute
}

function fromSet(tokens: readonly Token[], index: number, line: number): Found[] {
  const reader = new TokenReader(tokens, index + 1)
  if (reader.accept('session authorization'))
    return [{ rule: 'session-setting', line, subject: 'session authorization' }]
  reader.accept('local')
  reader.accept('session')
  const name = reader.next()?.value ?? ''
  reader.acceptAny('=', 'to')
  return judge(name, reader.next(), index > 0, line)
}

function fromSetConfig(args: readonly Token[], line: number): Found[] {
  const [name, , value] = args
  return judge(name?.value.toLowerCase() ?? '', value, false, line)
}

function judge(name: string, value: Token | undefined, isAttribute: boolean, line: number): Found[] {
  if (timeouts.has(name))
    return isSwitchedOff(name, value) ? [{ rule: 'timeout-off', line, subject: name }] : []
  const outlives = name === 'search_path' && !isAttribute
  return riskySettings.has(name) || outlives ? [{ rule: 'session-setting', line, subject: name }] : []
}

/** More than 10 s in the queue for a lock holds up every request behind it just as well as no limit does. */
const longestLockTimeoutMs = 10_000
const unitsMs: Record<string, number> = {
  '': 1,
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

function isSwitchedOff(name: string, value: Token | undefined): boolean {
  if (!value || value.kind === 'word') return true
  const [, amount = '0', unit = ''] = /^\s*([\d.]+)\s*([a-z]*)\s*$/.exec(value.value) ?? []
  const timeoutMs = Number(amount) * (unitsMs[unit] ?? 1)
  return timeoutMs === 0 || (name === 'lock_timeout' && timeoutMs > longestLockTimeoutMs)
}

function reset(tokens: readonly Token[], line: number): Found[] {
  const subject = tokens[1]?.value ?? ''
  if (subject === 'all' || timeouts.has(subject)) return [{ rule: 'timeout-off', line, subject }]
  return riskySettings.has(subject) ? [{ rule: 'session-setting', line, subject }] : []
}

export const transactionControl: Rule = (statement, facts) => {
  const { tokens, line } = statement
  const isHeader = !facts.transactional && statement === facts.statements[0]
  if (isHeader || !isTransactionControl(tokens)) return []
  return [{ rule: 'transaction-control', line, subject: tokens[0]?.value ?? '' }]
}

const serverStatements = [
  'alter system',
  'alter database',
  'create database',
  'alter tablespace',
  'create tablespace',
  'create subscription',
  'alter subscription',
  'create event trigger',
  'alter event trigger',
  'checkpoint',
  'load',
  'create server',
  'alter server',
]

export const serverSettings: Rule = ({ tokens, line }) => {
  const hit = serverStatements.find((start) => matchAt(tokens, 0, start) > 0)
  return hit ? [{ rule: 'server-setting', line, subject: hit }] : []
}

const sessionFunctions =
  /^(pg_(terminate|cancel)_backend|pg_(try_)?advisory_\w+|pg_sleep\w*|pg_reload_conf|pg_switch_wal|dblink\w*|lo_import|lo_export|pg_read_(binary_)?file)$/

export const sessionControl: Rule = ({ tokens }) => {
  const call = tokens.find(
    (token, at) =>
      matchAt(tokens, at + 1, '(') > 0 && token.kind !== 'string' && sessionFunctions.test(token.value),
  )
  return call ? [{ rule: 'session-control', line: call.line, subject: call.value }] : []
}
