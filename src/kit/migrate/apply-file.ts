import { assertLockHeld, isLockHeldSql, lockLost } from './advisory-lock.ts'
import { restOfDetach } from './concurrent-detach.ts'
import { findIndex, isSameIndex, parseConcurrentIndex, type ConcurrentIndex } from './concurrent-index.ts'
import { insertRowSql } from './journal.ts'
import type { MigrationFile } from './read-migrations.ts'
import { retryOnLock } from './retry-on-lock.ts'
import type { RunContext } from './run-context.ts'
import { StatementError } from './statement-error.ts'

/**
 * A concurrent build waits for old transactions without blocking readers or writers, and each failed attempt leaves
 * an INVALID index and a wasted scan: it may wait longer than statements that block others.
 */
const concurrentLockTimeoutMs = 30_000

async function runStatement(ctx: RunContext, statement: number, text: string): Promise<void> {
  ctx.signal?.throwIfAborted()
  try {
    await ctx.session.run(text)
  } catch (err) {
    throw new StatementError(statement, err)
  }
}

/**
 * Reports a failure of the runner's own statements as a failure of the file's statement, so that it is retried the
 * same way.
 */
async function asPartOf(statement: number, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (err) {
    throw err instanceof Error && !(err instanceof StatementError) ? new StatementError(statement, err) : err
  }
}

function timeoutsSql(scope: 'local' | 'session', lockTimeoutMs: number, statementTimeoutMs: number): string {
  return `set ${scope} lock_timeout = ${lockTimeoutMs}; set ${scope} statement_timeout = ${statementTimeoutMs}`
}

async function runTransaction(ctx: RunContext, file: MigrationFile): Promise<void> {
  const timeouts = timeoutsSql('local', ctx.lockTimeoutMs, ctx.statementTimeoutMs)
  const [row] = await ctx.session.run<{ held: boolean }>(
    `begin; ${timeouts}; select ${isLockHeldSql} as held`,
  )
  if (row?.held !== true) throw lockLost()
  for (const [index, text] of file.statements.entries()) await runStatement(ctx, index + 1, text)
  await runStatement(ctx, file.statements.length + 1, `${insertRowSql(file)}; commit`)
}

function applyInTransaction(ctx: RunContext, file: MigrationFile): Promise<number> {
  return retryOnLock(ctx, file, async () => {
    try {
      await runTransaction(ctx, file)
    } catch (err) {
      // After a lost connection there is nothing to roll back, and the first error is the one to report.
      await ctx.session.run('rollback').catch(() => undefined)
      throw err
    }
  })
}

async function dropInvalidIndex(ctx: RunContext, file: MigrationFile, index: ConcurrentIndex): Promise<void> {
  const found = await findIndex(ctx.session, index)
  if (found === undefined || found.is_valid) return
  await ctx.session.run(`drop index concurrently if exists ${found.index}`)
  ctx.report({
    event: 'index_dropped',
    msg: 'dropped an INVALID index that an interrupted build left',
    file: file.tag,
    index: found.index,
  })
}

async function buildIndex(
  ctx: RunContext,
  file: MigrationFile,
  statement: number,
  index: ConcurrentIndex,
): Promise<void> {
  const text = file.statements[statement - 1] ?? ''
  await dropInvalidIndex(ctx, file, index)
  const existing = await findIndex(ctx.session, index)
  if (existing !== undefined && isSameIndex(text, existing)) {
    const msg = 'the index is there already, valid and as the file wants it'
    ctx.report({ event: 'index_kept', msg, file: file.tag, index: existing.index })
    return
  }
  await runStatement(ctx, statement, text)
  if ((await findIndex(ctx.session, index))?.is_valid === false) {
    throw new StatementError(statement, Object.assign(new Error('index is not valid'), { code: '55000' }))
  }
}

async function runOutsideTransaction(ctx: RunContext, file: MigrationFile, statement: number): Promise<void> {
  const text = file.statements[statement - 1] ?? ''
  const index = parseConcurrentIndex(text)
  const isConcurrent = /\bconcurrently\b/i.test(text)
  const lockTimeoutMs = isConcurrent
    ? Math.max(concurrentLockTimeoutMs, ctx.lockTimeoutMs)
    : ctx.lockTimeoutMs
  await asPartOf(statement, async () => {
    await ctx.session.run(timeoutsSql('session', lockTimeoutMs, ctx.statementTimeoutMs))
  })
  if (index === undefined) {
    const rest = await restOfDetach(ctx.session, text)
    return rest === undefined ? undefined : runStatement(ctx, statement, rest)
  }
  try {
    await asPartOf(statement, () => buildIndex(ctx, file, statement, index))
  } catch (err) {
    // An INVALID unique index keeps refusing rows; if the drop fails, the next run repeats it.
    if (ctx.signal?.aborted !== true) await dropInvalidIndex(ctx, file, index).catch(() => undefined)
    throw err
  }
}

/**
 * Runs each statement alone and records the file last: a killed run repeats the file, so every statement must be
 * repeatable.
 */
async function applyOutsideTransaction(ctx: RunContext, file: MigrationFile): Promise<number> {
  await assertLockHeld(ctx.session)
  let attempts = 1
  for (let statement = 2; statement <= file.statements.length; statement += 1) {
    attempts = Math.max(
      attempts,
      await retryOnLock(ctx, file, () => runOutsideTransaction(ctx, file, statement)),
    )
  }
  await runStatement(ctx, file.statements.length + 1, insertRowSql(file))
  return attempts
}

/** Applies one file and records it; resolves to the number of attempts it took. */
export function applyFile(ctx: RunContext, file: MigrationFile): Promise<number> {
  return file.isTransactional ? applyInTransaction(ctx, file) : applyOutsideTransaction(ctx, file)
}
