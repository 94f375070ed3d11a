import type { DrillRecord } from '../portable/drill-record.ts'
import type { StepName } from './drill-protocol.ts'

const labels: Record<StepName, string> = {
  receive: 'data folder and WAL taken out of the repository',
  server: 'disposable server made',
  restore: 'restored',
  moment: 'replayed to the moment, and compared with the two writes around it',
  replay: 'replayed to the end of the archive',
  compare: 'content compared with the manifest',
  analyze: 'statistics built',
  migrate: 'migrations of this release applied',
  api: 'API ready, reads as role app, is kept from changing the schema',
  checksums: 'every page read and its checksum compared',
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function stepLines({ kind, ok, steps }: DrillRecord): string[] {
  const isUnchecked = ok && kind === 'continuous' && !steps.some(({ name }) => name === 'checksums')
  return [
    ...steps.map(({ name, ms }) => `- ${labels[name]}: ${inSeconds(ms)}`),
    ...(isUnchecked ? ['- pages were not compared: this cluster was made without checksums'] : []),
  ]
}

function outcomeLine({ ok, kind, subject }: DrillRecord): string {
  return ok ? `proven: ${kind} backup ${subject}` : `not proven: ${kind} backup ${subject || '(none)'}`
}

function rounded(value: number | undefined): string {
  return value === undefined ? '-' : `${value.toFixed(1)} s`
}

function figureLines(record: DrillRecord): string[] {
  return [
    `- RTO ${rounded(record.rtoSeconds)}: a restore until the API is ready, comparison apart`,
    `- RPO ${rounded(record.rpoSeconds)}: what would have been lost had the server gone when the drill began`,
    `- newest row: ${record.newestRowAt ?? 'no table tells'}`,
    ...(record.newestCommitAt === undefined
      ? []
      : [`- newest commit in the archive: ${record.newestCommitAt}`]),
    ...(record.targetTime === undefined ? [] : [`- moment restored to: ${record.targetTime}`]),
    `- compared: ${record.comparedTables} tables, ${record.rows} rows, ${record.hashedTables} tables by the hash of their content`,
    `- migrations applied after the restore: ${record.migrationsApplied}`,
    ...record.notes.map((note) => `- ${note}`),
  ]
}

function faultLines({ fault, sentence, hint, differences }: DrillRecord): string[] {
  return [
    `${fault ?? 'failed'}: ${sentence ?? ''}`,
    `hint: ${hint ?? ''}`,
    ...(differences.length === 0 ? [] : ['', 'What differs:', ...differences.map((each) => `- ${each}`)]),
  ]
}

/** Formats the Markdown report of a drill: subject, durations, comparisons, fault. */
export function renderReport(record: DrillRecord): string {
  return [
    `# Restore drill of ${record.begunAt}`,
    '',
    outcomeLine(record),
    '',
    ...(record.ok ? figureLines(record) : faultLines(record)),
    '',
    `Steps, on PostgreSQL ${record.serverVersion ?? '(not started)'}:`,
    ...stepLines(record),
    '',
  ].join('\n')
}

function provenLine(record: DrillRecord): string {
  return `${outcomeLine(record)} (RTO ${rounded(record.rtoSeconds)}, RPO ${rounded(record.rpoSeconds)}, ${record.comparedTables} tables, ${record.rows} rows)`
}

/** Formats the result of a drill for the terminal: one line, and one per note. */
export function renderOutcome(record: DrillRecord): string {
  return record.ok
    ? [provenLine(record), ...record.notes.map((note) => `  ${note}`)].join('\n')
    : `${outcomeLine(record)}: ${record.sentence ?? ''}`
}
