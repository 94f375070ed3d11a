import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { AppError } from '../../errors.ts'
import type { ForeignFound } from './lint-sql.ts'
import type { RuleName } from './rules/rule-table.ts'

interface SquawkReport {
  file: string
  line: number
  column: number
  message: string
  rule_name: string
}

const configPath = fileURLToPath(new URL('../../../../.squawk.toml', import.meta.url))

/** Findings by path; lines and columns of squawk count from 0. */
export async function runSquawk(paths: readonly string[]): Promise<Map<string, SquawkReport[]>> {
  if (paths.length === 0) return new Map()
  const program = createRequire(import.meta.url).resolve('squawk-cli/js/bin/squawk')
  const stdout = await capture([program, '--config', configPath, '--reporter', 'json', ...paths])
  return Map.groupBy(parseReport(stdout), (report) => report.file)
}

function capture(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // Squawk exits 1 when it has findings: only a run without a report is a failure.
    execFile(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 }, (err, stdout, stderr) => {
      if (stdout.startsWith('[')) resolve(stdout)
      else reject(squawkFailed(stderr, err))
    })
  })
}

function squawkFailed(stderr: string, cause: unknown): AppError {
  return new AppError('internal', `squawk gave no report: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
    hint: 'install its binary with `npm ci`, optional dependencies included',
    cause,
  })
}

function parseReport(stdout: string): SquawkReport[] {
  try {
    return JSON.parse(stdout) as SquawkReport[]
  } catch (err) {
    throw squawkFailed('its report is not JSON', err)
  }
}

/** Squawk's names for what our rules call otherwise; the rest keep squawk's own sentence. */
const sameRules: Record<string, RuleName> = {
  'syntax-error': 'syntax-error',
  'ban-drop-column': 'drop-column',
  'ban-drop-database': 'server-setting',
  'ban-truncate-cascade': 'cascade',
  'renaming-column': 'rename',
  'renaming-table': 'rename',
  'adding-foreign-key-constraint': 'add-constraint-without-not-valid',
  'constraint-missing-not-valid': 'add-constraint-without-not-valid',
  'disallowed-unique-constraint': 'add-index-constraint',
  'adding-required-field': 'add-column-not-null',
  'adding-serial-primary-key-field': 'add-column-unique',
  'ban-alter-domain-with-add-constraint': 'add-constraint-without-not-valid',
  'require-concurrent-index-deletion': 'drop-index',
  'require-concurrent-partition-detach': 'detach-partition',
  'require-concurrent-reindex': 'reindex',
}

export function toFound(report: SquawkReport, sql: string): ForeignFound {
  const start = offsetOf(sql, report.line, report.column)
  const rule = sameRules[report.rule_name]
  const line = report.line + 1
  if (rule && rule !== 'syntax-error') return { rule, line, start }
  const subject = rule ? report.message : `${report.rule_name}: ${report.message}`
  return { rule: rule ?? 'squawk', line, start, subject }
}

function offsetOf(sql: string, line: number, column: number): number {
  const before = sql.split('\n').slice(0, line)
  return before.reduce((offset, text) => offset + text.length + 1, column)
}
