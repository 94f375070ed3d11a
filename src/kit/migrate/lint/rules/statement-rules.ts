import { batches, contract, type RuleText } from './rule-text.ts'

export const rowRules = {
  truncate: {
    sentence: 'TRUNCATE empties the table under ACCESS EXCLUSIVE',
    hint: `delete only what has to go: ${batches}`,
  },
  'update-without-where': {
    sentence: 'the UPDATE changes and locks every row in one transaction',
    hint: batches,
  },
  'delete-without-where': {
    sentence: 'the DELETE removes and locks every row in one transaction',
    hint: `say which rows in a WHERE, or ${batches}`,
  },
  'insert-every-row': {
    sentence: 'the INSERT copies every row of a table in one transaction',
    hint: batches,
  },
  'ddl-with-backfill': {
    sentence: 'rows are changed or copied while the same transaction holds the locks of its schema change',
    hint: `keep the schema change alone in its file and ${batches}`,
  },
  'system-tables': {
    sentence:
      'changing a catalog or the migration journal by hand goes past every check of the server and of the runner',
    hint: 'use the DDL statement for it; for the journal, `migrate baseline`',
  },
  'copy-rows': {
    sentence: 'COPY reads or writes files of the server',
    hint: 'load data with `make psql`, outside of migrations',
  },
  'restart-sequence': {
    sentence: 'a restarted sequence hands out ids that are taken',
    hint: 'use setval() with the highest id in use',
  },
} as const satisfies Record<string, RuleText>

export const sessionRules = {
  'timeout-off': {
    sentence: 'without its timeout the migration can hold up every request for as long as it waits',
    hint: 'leave lock_timeout and statement_timeout to the runner, which retries',
  },
  'transaction-control': {
    sentence: 'the runner opens and ends the transaction; ending it here leaves half a file applied',
    hint: 'remove it, or make the file non-transactional with `COMMIT;--> statement-breakpoint` as its first statement',
  },
  'not-repeatable': {
    sentence: 'it is committed by itself, and a run that dies later in the file does it again',
    hint: 'put it into a file without COMMIT; outside a transaction only what a second run leaves as it is (IF NOT EXISTS, IF EXISTS)',
  },
  'session-setting': {
    sentence:
      'the setting changes how later files run, or switches off checks, triggers or the role that owns what is created',
    hint: 'remove it',
  },
  'server-setting': {
    sentence: 'the change reaches beyond this schema and outlives a restore',
    hint: 'keep it in ops/postgres, which runs with the rights for it',
  },
  'session-control': {
    sentence: 'the function ends, blocks or reaches other sessions from inside a migration',
    hint: 'do it by hand from `make psql`',
  },
  'disable-trigger': {
    sentence: 'without its triggers the table lets rows in that break foreign keys and rules',
    hint: 'leave triggers on and change rows in batches',
  },
  'row-security': {
    sentence: 'row security changes which rows the running version can see or write',
    hint: 'create a permissive policy for all commands and the role app in the same file, and rehearse it',
  },
} as const satisfies Record<string, RuleText>

export const accessRules = {
  'grant-to-public': {
    sentence: 'PUBLIC is every role, those of backup and monitoring included',
    hint: 'GRANT to the role app',
  },
  'revoke-access': { sentence: 'the running version loses a right that it may still use', hint: contract },
  'security-definer': {
    sentence:
      "a SECURITY DEFINER function without a search_path runs its caller's objects with its owner's rights",
    hint: "add SET search_path = '' and qualify every name in the body",
  },
  'manage-role': {
    sentence: 'roles belong to the server, not to a schema, and a password here ends up in git',
    hint: 'put the role into ops/postgres/roles.sql',
  },
} as const satisfies Record<string, RuleText>

export const codeRules = {
  'do-block': {
    sentence:
      'a DO block hides a schema change, or a loop over rows, from review, from the runner and from this check',
    hint: 'write the statement itself; IF EXISTS and IF NOT EXISTS need no block',
  },
  'dynamic-sql': {
    sentence: 'what EXECUTE runs is put together at run time and cannot be checked',
    hint: 'write the statement itself',
  },
  'calls-dangerous-function': {
    sentence: 'the function was created in this file and does what a migration must not',
    hint: 'write its statements plainly so that each can be checked',
  },
} as const satisfies Record<string, RuleText>

export const fileRules = {
  unterminated: {
    sentence: 'a quote or comment is never closed, or a breakpoint cuts it in two',
    hint: 'close it, and keep breakpoints outside of quotes and comments',
    final: true,
  },
  'unknown-statement': {
    sentence: 'PostgreSQL knows no statement that begins so',
    hint: 'correct it; psql commands and half statements do not run here',
    final: true,
  },
  'syntax-error': {
    sentence: 'squawk cannot parse it',
    hint: 'correct it, or acknowledge it when PostgreSQL accepts it',
  },
  squawk: { sentence: 'squawk refuses it', hint: 'read what it says about the rule it names' },
  'acknowledgement-without-reason': {
    sentence: 'an acknowledgement says nothing without its reason',
    hint: 'write `-- slipway:allow RULE: why it is safe here` directly above the statement',
    final: true,
  },
  'unused-acknowledgement': {
    sentence: 'the acknowledgement matches no finding of the statement below it',
    hint: 'remove it, or move it directly above the statement that it is for',
    final: true,
  },
  'foreign-acknowledgement': {
    sentence: 'squawk-ignore hides a finding without a reason',
    hint: 'use `-- slipway:allow RULE: reason` instead',
    final: true,
  },
} as const satisfies Record<string, RuleText>
