/** What a script can branch on. docs/reference/exit-codes.md carries the same table, and a test compares the two. */
export const exitCodes = {
  ok: 0,
  sql_error: 1,
  configuration: 2,
  pending: 10,
  edited: 11,
  out_of_order: 12,
  other_history: 13,
  lock_busy: 20,
  lock_budget_spent: 21,
  unreachable: 22,
  lock_lost: 23,
  drift: 30,
  refused: 40,
  not_judged: 41,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitName = keyof typeof exitCodes
