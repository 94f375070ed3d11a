import { exitCodes } from '../errors.ts'
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
  return exitCodes[fault.exit]
}

try {
  const run = parseCommand(verbs, process.argv.slice(2))
  await run(loadBackupContext())
} catch (err) {
  process.exitCode = exitCodeOf(err)
}
