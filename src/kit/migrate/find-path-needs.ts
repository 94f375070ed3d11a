import type { Session } from './open-session.ts'
import { calledNames, unqualifiedNames, type OwnNames } from './unqualified-names.ts'

interface Routine {
  oid: number
  name: string
  plain: string
  language: string
  body: string
  /** Its names are resolved already: BEGIN ATOMIC or RETURN. */
  isResolved: boolean
  definition: string
}

function own(namespace: string): string {
  return `${namespace} in (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')`
}

/**
 * Expressions that a restore evaluates, as the object and the function it calls. Triggers and column defaults are
 * left out: COPY names every column, and triggers come last.
 */
const callsQuery = `
  with recursive roots(classid, objid, what) as (
    select 'pg_constraint'::regclass::oid, oid, case when contypid <> 0 then 'domain ' || contypid::regtype
        else 'check ' || quote_ident(conname) || ' of ' || conrelid::regclass end
      from pg_constraint where contype = 'c' and ${own('connamespace')}
    union all select 'pg_attrdef'::regclass, d.oid, 'generated column ' || adrelid::regclass || '.' || quote_ident(attname)
      from pg_attrdef d join pg_attribute a on attrelid = adrelid and attnum = adnum where attgenerated = 's'
    union all select 'pg_class'::regclass, oid, case relkind when 'p' then 'partition key of ' else 'index ' end || oid::regclass
      from pg_class where relkind in ('i', 'I', 'p') and ${own('relnamespace')}
    union all select 'pg_rewrite'::regclass, r.oid, 'materialized view ' || ev_class::regclass
      from pg_rewrite r join pg_class c on c.oid = ev_class where relkind = 'm'
    union all select 'pg_statistic_ext'::regclass, oid, 'statistics ' || quote_ident(stxname) from pg_statistic_ext),
  walk as (
    select * from roots
    union select d.classid, d.objid, what from walk w cross join lateral (
      select refclassid, refobjid from pg_depend where pg_depend.classid = w.classid and pg_depend.objid = w.objid
        and refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass)
      union all select 'pg_rewrite'::regclass, r.oid from pg_depend v join pg_rewrite r on ev_class = v.refobjid
        join pg_class c on c.oid = ev_class and relkind = 'v'
        where v.classid = w.classid and v.objid = w.objid and v.refclassid = 'pg_class'::regclass and r.oid <> w.objid) d(classid, objid)
      where not exists (select from pg_proc p, unnest(proconfig) setting
        where w.classid = 'pg_proc'::regclass and p.oid = w.objid and setting like 'search_path=%'))
  select what, objid::int8::float8 as oid from walk where classid = 'pg_proc'::regclass order by what collate "C", objid`

/** A function with a search path of its own needs none from outside, nor does what it calls. */
const routinesQuery = `
  select p.oid::int8::float8 as oid, p.oid::regprocedure::text as name, proname as plain, lanname as language,
    coalesce(pg_get_function_sqlbody(p.oid), prosrc) as body, prosqlbody is not null as "isResolved",
    pg_get_functiondef(p.oid) as definition
  from pg_proc p join pg_language l on l.oid = prolang
  where lanname in ('sql', 'plpgsql') and prokind in ('f', 'p') and ${own('pronamespace')}
    and not exists (select from unnest(proconfig) setting where setting like 'search_path=%')
    and not exists (select from pg_depend d where classid = 'pg_proc'::regclass and objid = p.oid and deptype = 'e')`

const namesQuery = `
  with named(kind, name, namespace) as (
    select 'function', proname, pronamespace from pg_proc
    union all select 'relation', relname, relnamespace from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all select 'type', typname, typnamespace from pg_type where typcategory <> 'A')
  select distinct kind, name from named n where ${own('namespace')}
    and not exists (select from named s where s.kind = n.kind and s.name = n.name and s.namespace = 'pg_catalog'::regnamespace)`

async function readNames(session: Session): Promise<OwnNames> {
  const rows = await session.run<{ kind: string; name: string }>(namesQuery)
  const of = (kind: string) => new Set(rows.filter((row) => row.kind === kind).map(({ name }) => name))
  return { functions: of('function'), relations: of('relation'), types: of('type') }
}

/**
 * Returns the server's complaint about the function under a search path. The server resolves every name of an SQL
 * body, and the declared types of PL/pgSQL.
 */
async function complaint(
  session: Session,
  searchPath: string,
  { definition }: Routine,
): Promise<string | undefined> {
  const path = `begin; set local search_path = ${searchPath}; set local check_function_bodies = on`
  try {
    await session.run(`${path}; ${definition}`)
    return undefined
  } catch (err) {
    return (err as Error).message
  } finally {
    await session.run('rollback')
  }
}

async function needOf(session: Session, routine: Routine, names: OwnNames): Promise<string | undefined> {
  if (routine.isResolved) return undefined
  const said = await complaint(session, "''", routine)
  // A failure under any path is not caused by the path.
  if (said !== undefined && (await complaint(session, 'public', routine)) === undefined) return said
  if (routine.language === 'sql') return undefined
  const unqualified = unqualifiedNames(routine.body, names)
  return unqualified.length === 0 ? undefined : `it names ${unqualified.join(', ')} without a schema`
}

/** Where each function is used by what a restore evaluates: by the objects themselves, and by functions of theirs. */
function usedRoutines(
  routines: Routine[],
  calls: { what: string; oid: number }[],
): { routine: Routine; what: string }[] {
  const used = new Map<Routine, string>()
  const use = (routine: Routine, what: string): void => {
    if (used.has(routine)) return
    used.set(routine, what)
    const called = new Set(calledNames(routine.body))
    for (const other of routines) if (called.has(other.plain)) use(other, what)
  }
  const byOid = new Map(routines.map((routine) => [routine.oid, routine]))
  for (const { what, oid } of calls) {
    const routine = byOid.get(oid)
    if (routine !== undefined) use(routine, what)
  }
  return [...used].map(([routine, what]) => ({ routine, what }))
}

export interface PathNeed {
  routine: string
  /** The object of which a restore evaluates it. */
  usedBy: string
  reason: string
}

/** Functions that work under the search path of the application, and not under the empty one of a restore. */
export async function findPathNeeds(session: Session): Promise<PathNeed[]> {
  await session.run(`begin read only; set local search_path = ''`)
  const calls = await session.run<{ what: string; oid: number }>(callsQuery)
  const routines = await session.run<Routine>(routinesQuery)
  const names = await readNames(session)
  await session.run('commit')
  const needs: PathNeed[] = []
  for (const { routine, what } of usedRoutines(routines, calls)) {
    const reason = await needOf(session, routine, names)
    if (reason !== undefined) needs.push({ routine: routine.name, usedBy: what, reason })
  }
  return needs.sort((a, b) => (a.routine < b.routine ? -1 : 1))
}

export function needSentence({ routine, usedBy, reason }: PathNeed): string {
  return `no backup restores: ${usedBy} uses ${routine}, which fails under the empty search_path of a restore (${reason})`
}

export function needHint({ routine }: PathNeed): string {
  return `in a new migration: ALTER ROUTINE ${routine} SET search_path = public; or write each name in it with its schema`
}
