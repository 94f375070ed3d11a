import type { ListedArchive } from './describe-archives.ts'
import type { RepositoryState } from '../continuous/continuous-state.ts'
import { readableAge, readableBytes } from '../../host/list-text.ts'
import type { ListedBackup, ListedBackups } from './describe-backups.ts'

/** Pads each column to its widest cell. */
function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function since(time: string, now: Date): string {
  return readableAge(now.getTime() - Date.parse(time))
}
function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
function proven(proof: { provenAt: string } | null, now: Date): string {
  return proof === null ? 'no' : `${since(proof.provenAt, now)} ago`
}

function verdict({ fault, proof, failedDrill, isSchemaProven }: ListedBackup, now: Date): string {
  if (fault !== null) return 'DAMAGED'
  if (failedDrill !== null) return 'DOES NOT RESTORE'
  if (proof !== null) return proven(proof, now)
  return isSchemaProven ? 'its schema' : 'not yet proven'
}

function portableRow(backup: ListedBackup, now: Date): string[] {
  return [
    backup.name,
    backup.createdAt === null ? '-' : since(backup.createdAt, now),
    backup.bytes === null ? '-' : readableBytes(backup.bytes),
    backup.durationMs === null ? '-' : seconds(backup.durationMs),
    backup.reason ?? '-',
    verdict(backup, now),
    backup.copies.join(', '),
  ]
}

/** Adds a line with the reason below each damaged backup. */
function withFaults(
  lines: string[],
  listed: { fault: string | null; failedDrill?: { sentence: string } | null }[],
): string[] {
  return lines.flatMap((line, index) => {
    const { fault = null, failedDrill = null } = listed[index] ?? {}
    if (fault !== null) return [line, `  damaged: ${fault}`]
    return failedDrill === null ? [line] : [line, `  does not restore: ${failedDrill.sentence}`]
  })
}

/** Formats the table of the portable backups. */
export function portableLines(backups: ListedBackup[], now: Date): string[] {
  const header = ['PORTABLE', 'AGE', 'SIZE', 'TOOK', 'REASON', 'PROVEN', 'COPIES']
  const [first = '', ...rows] = table([header, ...backups.map((backup) => portableRow(backup, now))])
  return backups.length === 0 ? ['PORTABLE', 'none yet: make backup'] : [first, ...withFaults(rows, backups)]
}

const places = { repo1: 'here', repo2: 'offsite' } as const

function baseRows({ name, full, incremental }: RepositoryState, now: Date): string[][] {
  return Object.entries({ full, incremental }).flatMap(([type, base]) =>
    base === undefined
      ? []
      : [
          [
            base.label,
            since(base.startedAt, now),
            readableBytes(base.storedBytes),
            seconds(Date.parse(base.endedAt) - Date.parse(base.startedAt)),
            type,
            places[name],
          ],
        ],
  )
}

/** In the format of AT= in `make restore`. */
function shortTime(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')}+00`
}

function repositoryLine({ name, bases, oldestMoment, gapSince, fault, hint }: RepositoryState): string {
  if (fault !== undefined)
    return `  ${places[name]}: ${fault}${hint === undefined ? '' : `\n    hint: ${hint}`}`
  const reach = oldestMoment === undefined ? 'no moment yet' : `any moment since ${shortTime(oldestMoment)}`
  const gap = gapSince === undefined ? '' : `, GAP since ${shortTime(gapSince)}`
  return `  ${places[name]}: ${bases} base ${bases === 1 ? 'backup' : 'backups'}, ${reach}${gap}`
}

function continuousLines(continuous: ListedBackups['continuous'], now: Date): string[] {
  if (continuous === null) return ['CONTINUOUS', 'off, or not looked at yet (ARCHIVE in .env)']
  const header = ['CONTINUOUS', 'AGE', 'SIZE', 'TOOK', 'TYPE', 'COPY']
  const { repositories, proof } = continuous
  return [
    ...table([header, ...repositories.flatMap((repository) => baseRows(repository, now))]),
    ...repositories.map(repositoryLine),
    `  proven: ${proven(proof, now)}`,
  ]
}

function configurationLines(archives: ListedArchive[], now: Date): string[] {
  const header = ['CONFIGURATION', 'AGE', 'SIZE', 'COPIES']
  const rows = archives.map(({ name, createdAt, bytes, copies, fault }) => [
    name,
    since(createdAt, now),
    fault === null ? readableBytes(bytes) : 'DAMAGED',
    copies.join(', '),
  ])
  const [first = '', ...lines] = table([header, ...rows])
  return archives.length === 0
    ? ['CONFIGURATION', 'none yet: make backup-config']
    : [first, ...withFaults(lines, archives)]
}

/** Formats all backups for a terminal with 100 columns. */
export function renderBackups(
  { portable, continuous, configuration }: ListedBackups & { configuration: ListedArchive[] },
  now: Date,
): string {
  return [
    ...portableLines(portable, now),
    '',
    ...continuousLines(continuous, now),
    '',
    ...configurationLines(configuration, now),
  ].join('\n')
}
