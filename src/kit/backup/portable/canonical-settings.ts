import { sessionDefaults } from '../../postgres/session-defaults.ts'
import type { Session } from '../../postgres/session.ts'

/** What the text of a value depends on, so that two servers write the same rows in the same way. */
const canonical = { ...sessionDefaults, search_path: 'pg_catalog', lc_monetary: 'C', xmlbinary: 'base64' }

/** Until the end of the transaction that the session is in. */
export async function setCanonical(session: Session): Promise<void> {
  await session`
    select set_config(key, value, true) from jsonb_each_text(${JSON.stringify(canonical)}::text::jsonb)`
}

/** For a database in which no transaction is open, such as one that was restored. */
export async function inCanonicalTransaction<T>(session: Session, use: () => Promise<T>): Promise<T> {
  await session`begin isolation level repeatable read read only`
  try {
    await setCanonical(session)
    return await use()
  } finally {
    await session`rollback`
  }
}
