import { backupExitCodes } from '../backup/backup-error.ts'
import { explainFault } from '../backup/explain-fault.ts'
import { parseCommand } from './parse-command.ts'
import { ConfigError } from '../config/config-error.ts'
import { loadBackupContext } from './backup/backup-context.ts'
import { verbs } from './backup/verbs.ts'
import { reportFailure } from './report-failure.ts'

const exitCodeOf = (err: unknown): number => {
  if (err instanceof ConfigError) return reportFailure(err)
  const fault = explainFault(err)
  reportFailure(fault)
  return backupExitCodes[fault.fault]
}

try {
  const run = parseCommand(verbs, process.argv.slice(2))
  await run(loadBackupContext())
} catch (err) {
  process.exitCode = exitCodeOf(err)
}
