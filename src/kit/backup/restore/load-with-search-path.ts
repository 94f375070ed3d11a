import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CommandError } from '../../errors.ts'
import type { ProgramEnvironment } from '../../postgres/libpq-credentials.ts'
import { dumpKeys } from '../portable/dump-keys.ts'
import { openDump } from '../portable/open-dump.ts'
import { preDataArguments } from '../portable/pg-arguments.ts'
import { readDumpStart } from '../portable/read-dump-start.ts'
import { runProgram } from '../../postgres/run-program.ts'
import type { Session } from '../../postgres/session.ts'
import { sqlIdentifier } from '../../postgres/sql-identifier.ts'
import type { RestorePlan, RestoreSettings } from './plan-restore.ts'

const emptied = "SELECT pg_catalog.set_config('search_path', '', false);"

/** Quotes the names in 'public,shop'. */
function quotedPath(searchPath: string): string {
  return searchPath
    .split(',')
    .map((name) => sqlIdentifier(name.trim()))
    .join(', ')
}

interface Target {
  database: string
  owner: string
  listFile: string | undefined
  searchPath: string
  environment: ProgramEnvironment
  signal: AbortSignal | undefined
}

/**
 * Restores the pre-data section (schemas, types, functions, empty tables) with a search path instead of
 * pg_dump's empty one.
 */
export async function loadPreData(
  settings: RestoreSettings,
  plan: RestorePlan,
  { database, owner, listFile, searchPath, environment, signal }: Target,
): Promise<void> {
  const dump = await openDump(plan.backup, dumpKeys(settings.encryption))
  const sql = await readDumpStart(dump, settings.programs, preDataArguments({ owner, listFile }))
  if (!sql.includes(emptied)) {
    const sentence = 'pg_restore does not empty search_path in the way that is known'
    throw new CommandError('version_mismatch', sentence, { hint: 'restore without SEARCH_PATH' })
  }
  const input = Readable.from([sql.replace(emptied, `SET search_path TO ${quotedPath(searchPath)};`)])
  const args = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-']
  await runProgram(
    {
      programs: settings.programs,
      name: 'psql',
      args,
      environment: { ...environment, PGDATABASE: database },
      input,
      signal,
    },
    text,
  )
}

/**
 * Sets this search path on every function without one: PostgreSQL 17 and later ignore any other for index
 * builds and materialized views. Returns the statements that revert it.
 */
export async function lendSearchPath(session: Session, searchPath: string): Promise<string[]> {
  const routines = await session<{ name: string }[]>`
    select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prokind in ('f', 'p') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
      and not exists (select from unnest(p.proconfig) setting where setting like 'search_path=%')
      and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')`
  for (const { name } of routines)
    await session.unsafe(`ALTER ROUTINE ${name} SET search_path TO ${quotedPath(searchPath)}`)
  return routines.map(({ name }) => `ALTER ROUTINE ${name} RESET search_path`)
}
