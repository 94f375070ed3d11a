import { pgError } from '../../postgres/pg-error.ts'
import { withSession, type Session } from '../../postgres/session.ts'
import type { DisposableServer } from '../../postgres/disposable-server.ts'
import { ownServer } from '../../postgres/own-server.ts'

const insufficientPrivilege = '42501'

function readable(session: Session): Promise<{ table: string }[]> {
  return session<{ table: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as table
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname = 'public' and has_table_privilege(c.oid, 'select')`
}

/** Returns the SQLSTATE of the refused statement; '' for a statement that succeeded. */
async function stateOf(session: Session, statement: string): Promise<string> {
  try {
    await session.unsafe(statement)
    return ''
  } catch (err) {
    return pgError(err)?.sqlState ?? 'no answer'
  }
}

const forbidden = [
  'create table public.slipway_drill_probe ()',
  'create schema slipway_drill_probe',
  'create role slipway_drill_probe',
]

/**
 * Reads every table that role app may read, and tries statements that it may not run. Returns one line per
 * fault.
 */
export function tryAsApp(server: DisposableServer, database: string): Promise<string[]> {
  return withSession(
    { settings: ownServer(server.urlFor('app', database), 'slipway-drill'), lockTimeoutMs: 0 },
    async (session) => {
      const tables = await readable(session)
      const faults = tables.length === 0 ? ['role app may read no table of schema public'] : []
      for (const { table } of tables) {
        const state = await stateOf(session, `select * from ${table} limit 1`)
        if (state !== '') faults.push(`role app cannot read ${table} (${state})`)
      }
      for (const statement of forbidden) {
        const state = await stateOf(session, statement)
        if (state !== insufficientPrivilege)
          faults.push(`role app is not kept from '${statement}' (${state || 'done'})`)
      }
      return faults
    },
  )
}
