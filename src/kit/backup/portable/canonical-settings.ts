import { sessionDefaults } from '../../postgres/session-defaults.ts'
import type { Session } from '../../postgres/session.ts'

/** Settings that affect the text form of values, so that two servers print equal rows equally. */
const canonical = { ...sessionDefaults, search_path: 'pg_catalog', lc_monetary: 'C', xmlbinary: 'base64' }

/** Sets the canonical settings until the end of the current transaction. */
export async function setCanonical(session: Session): Promise<void> {
  await session`
    select set_config(key, value, true) from jsonb_each_text(${JSON.stringify(canonical)}::text::jsonb)`
}

/**
 * Runs `use` in a read-only transaction with the canonical settings, for a session without an open
 * transaction.
 */
export async function inCanonicalTransaction<T>(session: Session, use: () => Promise<T>): Promise<T> {
  await session`begin isolation level repeatable read read only`
  try {
    await setCanonical(session)
    return await use()
  } finally {
    await session`rollback`
  }
}
