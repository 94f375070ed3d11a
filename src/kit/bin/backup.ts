/**
 * Backups, restores, drills and upgrades: the command of the backup image.
 *   node src/kit/bin/backup.ts list
 */
import { explainFault } from '../backup/explain-fault.ts'
import { ConfigError } from '../config/config-error.ts'
import { loadBackupContext } from './backup/backup-context.ts'
import { verbs } from './backup/verbs.ts'
import { runCommand } from './process/run-command.ts'

process.exitCode = await runCommand({
  name: 'backup',
  verbs,
  open: loadBackupContext,
  explain: (err) => (err instanceof ConfigError ? err : explainFault(err)),
})
