import type { Session } from '../../postgres/session.ts'

/**
 * Disables FORCE ROW LEVEL SECURITY, which hides rows from the owner, while `use` runs. Safe because only
 * the restore uses this database, and drops it on an error.
 */
export async function withoutForcedSecurity<T>(session: Session, use: () => Promise<T>): Promise<T> {
  const forced = await session<{ quoted: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as quoted
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relforcerowsecurity`
  for (const { quoted } of forced) await session.unsafe(`ALTER TABLE ${quoted} NO FORCE ROW LEVEL SECURITY`)
  const made = await use()
  for (const { quoted } of forced) await session.unsafe(`ALTER TABLE ${quoted} FORCE ROW LEVEL SECURITY`)
  return made
}
