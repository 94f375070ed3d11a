import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nothingKnown, type NullProof, type Placed } from './rules/file-facts.ts'
import { sqlFiles } from '../check/find-new-files.ts'
import { lintSql } from './lint-sql.ts'
import { type RuleName, ruleText } from './rules/rule-table.ts'
import { runSquawk, toFound } from './run-squawk.ts'

export interface Finding {
  /** Path as the caller can open it. */
  file: string
  line: number
  rule: RuleName
  severity: 'error' | 'warning'
  /** What is wrong, with the table, column or setting it is about. */
  sentence: string
  /** The safe way. */
  hint: string
}

/** Lints the named files of a migrations folder; the others are read for what they prove, not judged. */
export async function lintFiles(folder: string, names: readonly string[]): Promise<Finding[]> {
  const wanted = new Set(names)
  const reports = await runSquawk(names.map((name) => join(folder, name)))
  const findings: Finding[] = []
  let nullProofs: NullProof[] = []
  const known = nothingKnown()
  for (const name of sqlFiles(folder)) {
    const file = join(folder, name)
    const sql = readFileSync(file, 'utf8')
    const foreign = (reports.get(file) ?? []).map((report) => toFound(report, sql))
    const linted = lintSql(sql, foreign, nullProofs, known)
    nullProofs = linted.nullProofs
    if (wanted.has(name)) findings.push(...linted.found.map((found) => describe(file, found)))
  }
  return findings
}

function describe(file: string, { rule, line, subject }: Placed): Finding {
  const text = ruleText(rule)
  const about = subject === undefined ? '' : `${subject.replaceAll(/\bpublic\./g, '')}: `
  return {
    file,
    line,
    rule,
    severity: text.warning ? 'warning' : 'error',
    sentence: `${about}${text.sentence}`,
    hint: text.hint,
  }
}
