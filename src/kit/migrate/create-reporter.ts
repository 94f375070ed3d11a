import type { MigrateEvent, Report } from './event.ts'

export interface ReporterSettings {
  write: (text: string) => void
  /** true on a terminal: sentences and a progress line. false: one JSON line per event. */
  isReadable: boolean
}

const levels: Partial<Record<MigrateEvent['event'], string>> = {
  warning: 'warn',
  lock_retry: 'warn',
  index_dropped: 'warn',
  failed: 'error',
}

function jsonLine({ event, msg, ...fields }: MigrateEvent): string {
  const head = { level: levels[event] ?? 'info', time: new Date().toISOString(), event, msg }
  return `${JSON.stringify({ ...head, ...fields })}\n`
}

/** Returns to the first column and clears what the progress line left there. */
const overwrite = '\r\u001b[K'

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function place(event: MigrateEvent): string {
  return `[${text(event['position'])}/${text(event['total'])}]`
}

function countOf(value: unknown): string {
  return String(Array.isArray(value) ? value.length : 0)
}

const sentences: Record<MigrateEvent['event'], (event: MigrateEvent) => string> = {
  waiting_for_database: (e) =>
    `${overwrite}waiting for the database (${text(e['sql_state'])}, ${text(e['ms'])} ms)`,
  plan: (e) => `${overwrite}${countOf(e['pending'])} pending, ${text(e['present'])} applied\n`,
  warning: (e) => `${overwrite}warning: ${e.msg}\n  hint: ${text(e['hint'])}\n`,
  lock_wait: (e) =>
    `${overwrite}waiting for the migration lock, held by pid ${text(e['holder_pid'] ?? 'unknown')} (${text(e['holder_application'] ?? 'unnamed')})`,
  file_begin: (e) => `${overwrite}${place(e)} ${text(e['file'])} ...`,
  lock_retry: (e) =>
    `${overwrite}${text(e['file'])}: statement ${text(e['statement'])} met a lock (attempt ${text(e['attempt'])}), trying again ...`,
  index_dropped: (e) => `${overwrite}${text(e['file'])}: ${e.msg}: ${text(e['index'])}\n`,
  index_kept: (e) => `${overwrite}${text(e['file'])}: ${e.msg}: ${text(e['index'])}\n`,
  file_applied: (e) => `${overwrite}${place(e)} ${text(e['file'])} applied in ${text(e['ms'])} ms\n`,
  up_to_date: (e) => `${overwrite}nothing to do: ${text(e['present'])} applied, 0 pending\n`,
  done: (e) => `done: ${text(e['applied'])} applied in ${text(e['ms'])} ms\n`,
  failed: (e) => `${overwrite}error: ${e.msg}\n  hint: ${text(e['hint'] ?? 'none')}\n`,
}

export function createReporter({ write, isReadable }: ReporterSettings): Report {
  return isReadable ? (event) => write(sentences[event.event](event)) : (event) => write(jsonLine(event))
}
