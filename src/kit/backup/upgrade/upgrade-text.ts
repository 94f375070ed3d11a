import { readableBytes } from '../../host/list-text.ts'
import type { CopiedDatabase } from './copy-database.ts'
import { neededBytes, type NewServer } from './refuse-upgrade.ts'
import type { Upgraded } from './upgrade-cluster.ts'
import type { UpgradeFacts } from './upgrade-facts.ts'

const shown = 5
function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function listed(databases: UpgradeFacts['databases']): string {
  return databases.map(({ name, bytes }) => `${name} (${readableBytes(bytes)})`).join(', ')
}

/** Formats the plan of an upgrade for the confirmation prompt. */
export function renderUpgradePlan(facts: UpgradeFacts, server: NewServer): string {
  return [
    `upgrades  PostgreSQL ${facts.serverVersion} to ${server.version}, into a new volume`,
    `copies    ${listed(facts.databases)}`,
    `needs     up to ${readableBytes(neededBytes(facts.databases))} of ${readableBytes(server.freeBytes)} free`,
    `proven    a backup, on ${facts.provenAt ?? 'no day'}`,
    ...facts.staysBehind.map((name) => `leaves    ${name}, which a restore has set aside, to the old server`),
  ].join('\n')
}

function databaseText(database: CopiedDatabase): string[] {
  const { name, rows, comparedTables, hashedTables, catalogLines, accessLines, rewritten, notes } = database
  const { dumpMs, restoreMs, compareMs } = database
  return [
    `same      ${name}: ${rows} rows in ${comparedTables} tables (${hashedTables} by their content), ${catalogLines} lines of catalog, ${accessLines} of roles, owners and grants`,
    `took      ${name}: dump ${seconds(dumpMs)}, restore ${seconds(restoreMs)}, comparison ${seconds(compareMs)}`,
    ...notes.map((note) => `newer     ${name}: ${note}`),
    ...rewritten.slice(0, shown).map((line) => `rewritten ${line} (the new server writes it in other words)`),
    ...(rewritten.length > shown ? [`rewritten ${rewritten.length - shown} more`] : []),
  ]
}

/** Formats the result of an upgrade. */
export function renderUpgraded(upgraded: Upgraded): string {
  return [
    `upgraded  PostgreSQL ${upgraded.oldVersion} to ${upgraded.newVersion}`,
    ...upgraded.databases.flatMap(databaseText),
    `checked   every page, statistics built in ${seconds(upgraded.analyzeMs)}, written out in ${seconds(upgraded.settleMs)}`,
    ...upgraded.staysBehind.map(
      (name) => `left      ${name}, which a restore has set aside, to the old server`,
    ),
    ...upgraded.leftToDo.map((what) => `not carried over, the new server does not take it: ${what}`),
  ].join('\n')
}
