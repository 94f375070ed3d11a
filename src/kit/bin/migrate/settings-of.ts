import type { Config } from '../../config/load.ts'
import type { MigrateEvent } from '../../migrate/event.ts'
import type { RunSettings } from '../../migrate/run-settings.ts'
import { abortOnSignal } from '../process/abort-on-signal.ts'
import { limitsOf } from './run-limits.ts'

/** A process that cannot cancel its statement must end within the 5 s of a stopped container. */
const graceMs = 3_500

interface Given {
  allowOutOfOrder: boolean
  report: (event: MigrateEvent) => void
}

export function settingsOf(config: Config<'migrate'>, { allowOutOfOrder, report }: Given): RunSettings {
  return {
    url: config.DATABASE_URL,
    ca: config.DATABASE_CA_FILE,
    folder: config.MIGRATE_FOLDER,
    ...limitsOf(config),
    allowOutOfOrder,
    report,
    signal: abortOnSignal(graceMs),
  }
}
