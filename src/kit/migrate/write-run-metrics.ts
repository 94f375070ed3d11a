import { renameSync, writeFileSync } from 'node:fs'

export interface RunFacts {
  isSuccess: boolean
  durationMs: number
  /** Known only when the run came to an end. */
  applied?: number
}

function lines(facts: RunFacts, now: Date): string[] {
  return [
    '# HELP migrations_last_run_success 1 when the last run of the migrator ended well.',
    '# TYPE migrations_last_run_success gauge',
    `migrations_last_run_success ${facts.isSuccess ? 1 : 0}`,
    '# HELP migrations_last_run_timestamp_seconds When the last run of the migrator ended.',
    '# TYPE migrations_last_run_timestamp_seconds gauge',
    `migrations_last_run_timestamp_seconds ${now.getTime() / 1_000}`,
    '# HELP migrations_last_run_duration_seconds How long the last run of the migrator took.',
    '# TYPE migrations_last_run_duration_seconds gauge',
    `migrations_last_run_duration_seconds ${facts.durationMs / 1_000}`,
    ...(facts.applied === undefined
      ? []
      : [
          '# HELP migrations_applied Migrations that the database had after the last run.',
          '# TYPE migrations_applied gauge',
          `migrations_applied ${facts.applied}`,
        ]),
  ]
}

/**
 * Writes metrics for a textfile collector, since a one-shot process ends before a scrape. Renamed into place, so that
 * a reader never sees half a file.
 */
export function writeRunMetrics(file: string, facts: RunFacts, now = new Date()): void {
  const partial = `${file}.${process.pid}`
  writeFileSync(partial, `${lines(facts, now).join('\n')}\n`, { mode: 0o644 })
  renameSync(partial, file)
}
