import type { Session } from '../session.ts'

/** Everything on which the text of a value depends, so that two servers write the same rows in the same way. */
const canonical: Record<string, string> = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmlbinary: 'base64',
  search_path: 'pg_catalog',
}

/** Until the end of the transaction that the session is in. */
export const setCanonical = async (session: Session): Promise<void> => {
  for (const [name, value] of Object.entries(canonical))
    await session`select set_config(${name}, ${value}, true)`
}

/** For a database in which no transaction is open, such as one that was restored. */
export const inCanonicalTransaction = async <T>(session: Session, use: () => Promise<T>): Promise<T> => {
  await session`begin isolation level repeatable read read only`
  try {
    await setCanonical(session)
    return await use()
  } finally {
    await session`rollback`
  }
}
