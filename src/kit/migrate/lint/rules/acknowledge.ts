import type { Placed } from './file-facts.ts'
import { isRuleName, type RuleName, ruleText } from './rule-table.ts'
import type { SplitSql } from '../../sql/split-statements.ts'
import type { Comment } from '../../sql/tokenize.ts'

interface Acknowledgement {
  rule: string
  reason: string
  line: number
  /** Index of the statement it stands above or in; -1 where none follows. */
  statement: number
}

/** Removes what `-- slipway:allow RULE: reason` answers on its one statement, and adds what is wrong with such comments. */
export function acknowledge(split: SplitSql, found: readonly Placed[]): Placed[] {
  const given = split.comments.flatMap((comment) => readComment(comment, ownerOf(split, comment)))
  const answered = new Set<Placed>()
  const faults = given.flatMap((each) => {
    const matches = found.filter((candidate) => answers(each, candidate))
    for (const match of matches) if (hasReason(each.reason)) answered.add(match)
    return faultOf(each, matches.length)
  })
  return [...found.filter((candidate) => !answered.has(candidate)), ...foreignComments(split), ...faults]
}

const pattern = /slipway\s*:\s*allow\b\s*([^:]*)(?::([\s\S]*))?/i

function readComment(comment: Comment, statement: number): Acknowledgement[] {
  const match = pattern.exec(comment.text)
  if (!match) return []
  const reason = (match[2] ?? '').replace(/\*\/\s*$/, '').trim()
  const names = (match[1] ?? '')
    .replace(/\*\/\s*$/, '')
    .split(/[\s,]+/)
    .filter(Boolean)
  return (names.length > 0 ? names : ['']).map((rule) => ({
    rule: rule.toLowerCase(),
    reason,
    line: comment.line,
    statement,
  }))
}

function ownerOf(split: SplitSql, comment: Comment): number {
  return split.statements.findIndex((statement) => statement.comments.includes(comment))
}

function answers(given: Acknowledgement, found: Placed): boolean {
  return found.statement === given.statement && found.rule === given.rule && !ruleText(found.rule).final
}

/** A word or two is a label, not a reason. */
function hasReason(reason: string): boolean {
  return /\p{L}/u.test(reason) && reason.length >= 10
}

/** Only the rehearsal, or the check of the order, can tell whether these match something. */
function isJudgedElsewhere(rule: string): boolean {
  return rule === 'out-of-order' || rule.startsWith('rehearsal-')
}

function faultOf({ rule, reason, line }: Acknowledgement, matches: number): Placed[] {
  const subject = isRuleName(rule) || isJudgedElsewhere(rule) ? rule : `${rule || 'no rule'} (no such rule)`
  const faults: RuleName[] = []
  if (matches === 0 && !isJudgedElsewhere(rule)) faults.push('unused-acknowledgement')
  if (!hasReason(reason)) faults.push('acknowledgement-without-reason')
  return faults.map((fault) => ({ rule: fault, line, subject, statement: undefined }))
}

function foreignComments(split: SplitSql): Placed[] {
  return split.comments
    .filter((comment) => /squawk-ignore/i.test(comment.text))
    .map((comment) => ({ rule: 'foreign-acknowledgement', line: comment.line, statement: undefined }))
}
