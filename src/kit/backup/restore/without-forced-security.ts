import type { Session } from '../../postgres/session.ts'

/**
 * FORCE ROW LEVEL SECURITY hides rows from the owner too, as whom a restore counts. Lifted meanwhile: nobody but the restore
 * knows the database, and it is dropped when this fails.
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
