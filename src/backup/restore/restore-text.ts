import { readableAge, readableBytes } from '../portable/list-text.ts'
import type { RestorePlan } from './plan-restore.ts'
import type { RestoreOutcome } from './restore-backup.ts'

const rowsOf = ({ manifest }: Pick<RestorePlan, 'manifest'>): number =>
  manifest.tables.reduce((sum, { rows }) => sum + rows, 0)

/** What a restore would do, for whoever has to say yes to it. */
export const renderPlan = (plan: RestorePlan, now: Date): string => {
  const { manifest, live, setAside } = plan
  const age = readableAge(now.getTime() - Date.parse(manifest.createdAt))
  return [
    `backup    ${manifest.name}, ${age} old (${manifest.createdAt}), ${readableBytes(manifest.dump.bytes)}, checksum right`,
    `holds     database ${manifest.database.name}: ${manifest.tables.length} tables, ${rowsOf(plan)} rows, ${manifest.migrations.length} migrations`,
    `replaces  database ${live.name}, ${readableBytes(live.bytes)} on PostgreSQL ${live.serverVersion}: it is kept under another name`,
    ...(setAside.length === 0 ? [] : [`kept      from earlier restores: ${setAside.join(', ')}`]),
  ].join('\n')
}

/** What was done, what is still there and how to be rid of it. */
export const renderOutcome = ({ manifest, names, setAside, leftToDo }: RestoreOutcome): string =>
  [
    `restored ${manifest.name} into ${names.live}: ${rowsOf({ manifest })} rows compared with the manifest`,
    `the former database is kept as ${names.previous}; when it is no longer needed: DROP DATABASE "${names.previous}"`,
    ...(setAside.length === 0 ? [] : [`still there from earlier restores: ${setAside.join(', ')}`]),
    ...leftToDo.map((what) => `not carried over, a superuser has to set it again: ${what}`),
  ].join('\n')
