import { readableAge, readableBytes } from '../../host/list-text.ts'
import { renderKept } from './kept-databases.ts'
import type { RestorePlan } from './plan-restore.ts'
import type { BesideOutcome, BesideRequest } from './restore-beside.ts'
import type { RestoreOutcome } from './restore-backup.ts'
import type { Filled } from './fill-database.ts'
import type { UndoOutcome, UndoPlan } from './undo-restore.ts'

type Target = Pick<BesideRequest, 'into' | 'table'>

function rowsOf({ manifest }: Pick<RestorePlan, 'manifest'>): number {
  return manifest.tables.reduce((sum, { rows }) => sum + rows, 0)
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function drillText({ passedOver, failed }: RestorePlan): string[] {
  return [
    ...passedOver.map((name) => `not       ${name}, which is newer: a drill could not restore it`),
    ...(failed === undefined
      ? []
      : [`warning   a drill could not restore it on ${failed.failedAt}: ${failed.sentence}`]),
  ]
}

function liveText({ live, serverVersion }: RestorePlan): string {
  if (live.state === 'missing')
    return `makes     database ${live.name}, which is not there, on PostgreSQL ${serverVersion}`
  const size = live.bytes === undefined ? 'size unknown' : readableBytes(live.bytes)
  const state = live.state === 'broken' ? 'CANNOT BE OPENED; ' : ''
  return `replaces  database ${live.name}, ${size} on PostgreSQL ${serverVersion}: ${state}it is kept under another name`
}

function targetText(plan: RestorePlan, { into, table }: Target): string {
  if (into === undefined && table === undefined) return liveText(plan)
  const what = table === undefined ? 'all of it' : `the rows of ${table.schema}.${table.name} alone`
  return `makes     database ${into ?? `${plan.live.name}_table_<time>`} with ${what}; the live one is not touched`
}

/** Formats the plan of a restore for the confirmation prompt. */
export function renderPlan(plan: RestorePlan, target: Target, now: Date): string {
  const { manifest, kept } = plan
  const age = readableAge(now.getTime() - Date.parse(manifest.createdAt))
  return [
    `backup    ${manifest.name}, ${age} old (${manifest.createdAt}), ${readableBytes(manifest.dump.bytes)}, checksum right`,
    ...drillText(plan),
    `holds     database ${manifest.database.name}: ${manifest.tables.length} tables, ${rowsOf(plan)} rows, ${manifest.migrations.length} migrations`,
    targetText(plan, target),
    ...kept.map((each) => `kept      from an earlier restore: ${renderKept(each, now)}`),
  ].join('\n')
}

/** Formats the plan for a script as `key=value` lines: the chosen backup and the database that it replaces. */
export function planLines({ manifest, live }: RestorePlan): string {
  return [`backup=${manifest.name}`, `database=${live.name}`].join('\n')
}

function workText({ rows, restoreMs, compareMs }: Filled): string {
  return `${rows} rows compared with the manifest (restored in ${seconds(restoreMs)}, compared in ${seconds(compareMs)})`
}

/** Formats the result of a restore, with the databases that remain and the commands that drop them. */
export function renderOutcome(outcome: RestoreOutcome, now: Date): string {
  const { manifest, live, previous, kept, leftToDo } = outcome
  return [
    `restored ${manifest.name} of ${manifest.createdAt} into ${live}: ${workText(outcome)}`,
    ...(previous === undefined
      ? ['there was no former database to keep']
      : [
          `the former database is kept as ${previous}; to go back to it: make restore-undo`,
          `when it is no longer needed: DROP DATABASE "${previous}", or DROP_OLDER=1 with the next restore`,
        ]),
    ...(kept.length === 0
      ? []
      : [`still there from earlier restores: ${kept.map((each) => renderKept(each, now)).join(', ')}`]),
    ...leftToDo.map((what) => `not carried over, a superuser has to set it again: ${what}`),
  ].join('\n')
}

/** Quotes an SQL identifier inside of a quoted shell argument. */
function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function rowsBack({ into, live, table }: BesideOutcome): string[] {
  if (table === undefined) return []
  const pattern = `"${table.schema.replaceAll('"', '""')}"."${table.name.replaceAll('"', '""')}"`
  const superuser = 'docker compose -f compose.prod.yaml exec -T db'
  return [
    'to put rows that are missing back into the live table, and change none that is there:',
    `  ${superuser} pg_dump --username=postgres --dbname=${shellQuoted(into)} --data-only --rows-per-insert=500 --on-conflict-do-nothing --table=${shellQuoted(pattern)} |`,
    `    ${superuser} psql --username=postgres --dbname=${shellQuoted(live)} --quiet --set=ON_ERROR_STOP=1 --single-transaction`,
  ]
}

/** Formats the result of a restore beside the live database. */
export function renderBeside(outcome: BesideOutcome): string {
  return [
    `restored ${outcome.manifest.name} of ${outcome.manifest.createdAt} into database ${outcome.into}: ${workText(outcome)}`,
    'the API cannot reach it, only the migrator and the superuser: make psql DATABASE=' +
      shellQuoted(outcome.into),
    ...rowsBack(outcome),
    `when it is no longer needed: DROP DATABASE "${outcome.into}"`,
  ].join('\n')
}

/** Formats the plan of restore-undo for the confirmation prompt. */
export function renderUndoPlan({ live, isLiveThere, back }: UndoPlan, now: Date): string {
  return [
    `brings back  ${renderKept(back, now)}`,
    isLiveThere
      ? `replaces     database ${live}: it is kept under another name`
      : `makes        database ${live}, which is not there`,
  ].join('\n')
}

/** Formats the plan for a script as a `key=value` line: the database that is replaced. */
export function undoPlanLines({ live }: UndoPlan): string {
  return `database=${live}`
}

/** Formats the result of restore-undo. */
export function renderUndo({ live, back, previous }: UndoOutcome): string {
  return [
    `${back} is ${live} again`,
    ...(previous === undefined
      ? []
      : [
          `what was live until now, with all that was written to it, is kept as ${previous}; make restore-undo again brings it back`,
        ]),
  ].join('\n')
}
