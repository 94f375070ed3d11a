import { z } from 'zod'
import { namesMadeFrom } from '../restore/database-names.ts'
import type { Session } from '../../postgres/session.ts'
import { extensionSchema } from '../portable/manifest-parts.ts'
import { clusterShapeSchema, readClusterShape } from './cluster-shape.ts'

const factsSchema = z.object({
  serverVersion: z.string(),
  /** Databases to copy, with their sizes. */
  databases: z.array(z.object({ name: z.string(), bytes: z.number() })),
  /** Databases that restores set aside; they stay on the old server. */
  staysBehind: z.array(z.string()),
  /** Extensions of the queried database. */
  extensions: z.array(extensionSchema),
  /** Not part of a dump. */
  preparedTransactions: z.int(),
  tablespaces: z.array(z.string()),
  slots: z.array(z.string()),
  shape: clusterShapeSchema,
  /** Time of the newest drill whose backup is still intact. */
  provenAt: z.iso.datetime().nullable(),
})

/** Facts about the old server, read before the upgrade begins. */
export type UpgradeFacts = z.infer<typeof factsSchema>

/** Renders the facts as JSON for the container of the new major. */
export function renderFacts(facts: UpgradeFacts): string {
  return JSON.stringify(facts)
}

/** Parses the output of renderFacts. Throws for invalid input. */
export function parseFacts(text: string): UpgradeFacts {
  return factsSchema.parse(JSON.parse(text))
}

async function listDatabases(session: Session): Promise<UpgradeFacts['databases']> {
  const rows = await session<{ name: string; bytes: string }[]>`
    select datname as name, pg_database_size(oid)::text as bytes
    from pg_database where datallowconn and not datistemplate and datname <> 'postgres' order by datname`
  return rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes) }))
}

async function namesOf(session: Session, query: string): Promise<string[]> {
  return (await session.unsafe<{ name: string }[]>(query)).map(({ name }) => name)
}

async function readServer(session: Session) {
  const [row] = await session<{ serverVersion: string; live: string; prepared: number }[]>`
    select split_part(current_setting('server_version'), ' ', 1) as "serverVersion",
      current_database() as live, (select count(*)::int from pg_prepared_xacts) as prepared`
  if (row === undefined) throw new Error('the server says nothing of itself')
  return row
}

/**
 * Reads the facts in the live database. The role must see the sizes of all databases: the migrator or the
 * superuser.
 */
export async function readUpgradeFacts(session: Session, provenAt: string | null): Promise<UpgradeFacts> {
  // Use the rights of the login role, not of the owner role.
  await session`set role none`
  const { serverVersion, live, prepared } = await readServer(session)
  const all = await listDatabases(session)
  const names = all.map(({ name }) => name)
  const staysBehind = [...namesMadeFrom(live, 'swap', names), ...namesMadeFrom(live, 'restore', names)]
  const extensions = await session<UpgradeFacts['extensions']>`
    select extname as name, extversion as version from pg_extension order by extname`
  return {
    serverVersion,
    databases: all.filter(({ name }) => !staysBehind.includes(name)),
    staysBehind,
    extensions: [...extensions],
    preparedTransactions: prepared,
    tablespaces: await namesOf(session, `select spcname as name from pg_tablespace where spcname !~ '^pg_'`),
    slots: await namesOf(
      session,
      `select slot_name::text as name from pg_replication_slots where not temporary`,
    ),
    shape: await readClusterShape(session),
    provenAt,
  }
}
