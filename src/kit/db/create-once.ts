import { and, eq } from 'drizzle-orm'
import type { Database } from './open-database.ts'
import type { Queries } from './prepared-once.ts'
import { transact } from './transact.ts'
import { idempotencyKeys } from './schema/idempotency-keys.ts'
import { AppError } from '../errors.ts'

/** Sent by a client that may have to repeat a creation because it never saw the answer. */
export interface Idempotency {
  key: string
  /** Hash over the whole request: the same key with another hash is refused. */
  requestHash: string
}

/**
 * Runs `create` once per user and key, or always when the client sent no key. Key and created row are committed
 * together, so a repeated request finds both or neither. Concurrent requests wait for the first on the row of the
 * key.
 */
export async function createOnce<T>(
  db: Database,
  userId: string,
  idempotency: Idempotency | undefined,
  create: (db: Queries) => Promise<T>,
): Promise<{ created: T; replayed: boolean }> {
  if (idempotency === undefined) return { created: await create(db), replayed: false }
  const { key, requestHash } = idempotency
  const isKey = and(eq(idempotencyKeys.userId, userId), eq(idempotencyKeys.key, key))
  return transact(db, async (tx) => {
    const claim = { userId, key, requestHash, response: {} }
    const claimed = await tx
      .insert(idempotencyKeys)
      .values(claim)
      .onConflictDoNothing()
      .returning({ key: idempotencyKeys.key })
    if (claimed.length === 0) {
      const [first] = await tx.select().from(idempotencyKeys).where(isKey)
      return { created: firstAnswer(first, requestHash) as T, replayed: true }
    }
    const created = await create(tx)
    await tx.update(idempotencyKeys).set({ response: created }).where(isKey)
    return { created, replayed: false }
  })
}

function firstAnswer(first: typeof idempotencyKeys.$inferSelect | undefined, requestHash: string): unknown {
  // Swept between the two statements: the key was a day old and is free again.
  if (first === undefined) {
    throw new AppError('conflict', 'the idempotency key expired at this very moment', {
      hint: 'send the request again',
    })
  }
  if (first.requestHash !== requestHash) {
    throw new AppError('unprocessable', 'the idempotency key was used for another request', {
      hint: 'send a key of its own with every new request',
    })
  }
  return first.response
}
