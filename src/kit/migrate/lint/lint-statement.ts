import { createdRelation } from './rules/created-relation.ts'
import type { FileFacts, Found, Rule } from './rules/file-facts.ts'
import { grants, manageRoles, revokes, securityDefiner } from './rules/access.ts'
import { alterTable } from './rules/alter-table.ts'
import { createRule, createTrigger, partitionOf } from './rules/attachments.ts'
import { calledFunctions, doBlock, rememberFunction, withoutRoutineBody } from './rules/bodies.ts'
import { copiedRows } from './rules/copied-rows.ts'
import { cascade, drops } from './rules/drops.ts'
import { enumValues } from './rules/enum-values.ts'
import { createIndex, moveFiles, refreshView, reindex } from './rules/indexes.ts'
import { alterDomain, cluster, lockStatement, renameObject, vacuum } from './rules/maintenance.ts'
import { alterPolicy, createPolicy } from './rules/policies.ts'
import { rowLocks } from './rules/row-locks.ts'
import { changeRows, changeSystemTables, copyRows, truncate } from './rules/rows.ts'
import { serverSettings, sessionControl, settings, transactionControl } from './rules/session.ts'
import { notRepeatable } from './rules/repeatable.ts'
import { alterSequence, setSequence } from './rules/sequences.ts'
import { shadows } from './rules/shadows.ts'
import { vacuumOff } from './rules/vacuum-off.ts'
import type { Statement } from '../sql/split-statements.ts'

const rules: Rule[] = [
  alterTable,
  drops,
  cascade,
  createIndex,
  reindex,
  refreshView,
  moveFiles,
  cluster,
  vacuum,
  lockStatement,
  renameObject,
  alterDomain,
  alterSequence,
  setSequence,
  vacuumOff,
  rowLocks,
  shadows,
  createPolicy,
  alterPolicy,
  createTrigger,
  createRule,
  partitionOf,
  truncate,
  copyRows,
  changeRows,
  changeSystemTables,
  copiedRows,
  settings,
  transactionControl,
  notRepeatable,
  serverSettings,
  sessionControl,
  grants,
  revokes,
  manageRoles,
  securityDefiner,
  enumValues,
  calledFunctions,
]

/** All that our rules see in one statement and in the code it carries; notes in `facts` what later statements must know. */
export function lintStatement(statement: Statement, facts: FileFacts): Found[] {
  const plain = withoutRoutineBody(statement)
  const found = rules.flatMap((rule) => rule(plain, facts))
  found.push(...doBlock(statement, facts, lintStatement))
  rememberFunction(statement, facts, lintStatement)
  const created = createdRelation(plain.tokens)
  if (created && !(created.isTemporary && facts.known.tables.has(created.table)))
    facts.created.set(created.table, created.state)
  return found
}
