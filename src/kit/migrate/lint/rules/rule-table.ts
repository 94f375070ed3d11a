import type { RuleText } from './rule-text.ts'
import { contractRules, indexRules, structureRules } from './schema-rules.ts'
import { accessRules, codeRules, fileRules, rowRules, sessionRules } from './statement-rules.ts'

/** Every rule by name: the sentence of a finding, its hint, and whether it refuses, warns or can be acknowledged. */
export const ruleTable = {
  ...structureRules,
  ...contractRules,
  ...indexRules,
  ...rowRules,
  ...sessionRules,
  ...accessRules,
  ...codeRules,
  ...fileRules,
}

export type RuleName = keyof typeof ruleTable

export function ruleText(rule: RuleName): RuleText {
  return ruleTable[rule]
}

export function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(ruleTable, name)
}
