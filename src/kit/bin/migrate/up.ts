import { loadConfig } from '../../config/load.ts'
import { errorCode } from '../../migrate/error-code.ts'
import type { MigrateEvent } from '../../migrate/event.ts'
import { runMigrations } from '../../migrate/run-migrations.ts'
import { writeRunMetrics, type RunFacts } from '../../migrate/write-run-metrics.ts'
import type { RunSettings } from '../../migrate/run-settings.ts'
import { defineMigrateVerb, jsonOption } from './define-migrate-verb.ts'
import { settingsOf } from './settings-of.ts'

type Report = (event: MigrateEvent) => void

/** Warns of missing privileges: the migrations stay applied, and the API does not become ready. */
async function warnOfPrivileges(settings: RunSettings, report: Report): Promise<void> {
  const privileges = await import('../../migrate/lacking-privileges.ts')
  const warn = (msg: string, hint: string): void =>
    report({ event: 'warning', code: 'privileges_missing', msg, hint })
  try {
    const { loadUsedTables } = await import('../process/mounted-application.ts')
    const lacking = await privileges.lackingPrivileges(settings, await loadUsedTables())
    if (lacking.length > 0) warn(privileges.lackingSentence(lacking), privileges.lackingHint)
  } catch (err) {
    warn(`what the role of the API may do could not be read (${errorCode(err)})`, '/readyz says it too')
  }
}

/** Writes the metrics of the run for Prometheus; a full disk must not turn the run into a failure. */
function recorder(file: string | undefined, say: (text: string) => void) {
  const startedAt = performance.now()
  return (facts: Omit<RunFacts, 'durationMs'>): void => {
    if (file === undefined) return
    try {
      writeRunMetrics(file, { ...facts, durationMs: performance.now() - startedAt })
    } catch (err) {
      say(`warning: the metrics of this run could not be written: ${String(err)}`)
    }
  }
}

export const up = defineMigrateVerb({
  usage: ['[up] [--allow-out-of-order] [--json]   apply what is pending'],
  options: { ...jsonOption, 'allow-out-of-order': { type: 'boolean', default: false } },
  // `up` is a service as often as a command: without a terminal each event is one JSON line.
  isReadable: ({ values }) => !values.json && process.stdout.isTTY,
  run: async ({ report, say }, { values }) => {
    const config = loadConfig('migrate', process.env)
    const settings = settingsOf(config, { allowOutOfOrder: values['allow-out-of-order'], report })
    const record = recorder(config.MIGRATE_METRICS_FILE, say)
    try {
      const { present, applied } = await runMigrations(settings)
      record({ isSuccess: true, applied: present + applied.length })
      if (applied.length > 0) await warnOfPrivileges(settings, report)
    } catch (err) {
      record({ isSuccess: false })
      throw err
    }
    return 'ok'
  },
})
