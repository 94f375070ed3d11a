/**
 * Migrations of the database; without a verb it applies what is pending.
 *   node src/kit/bin/migrate.ts status
 */
import { verbs } from './migrate/verbs.ts'
import { runCommand } from './process/run-command.ts'
import { openTerminal } from './process/terminal.ts'

process.exitCode = await runCommand({
  name: 'migrate',
  verbs,
  fallback: 'up',
  notes: ['--json gives one JSON line per event or result, --porcelain lines of key=value for scripts'],
  open: openTerminal,
})
// Resources that an error left open, such as a socket during its handshake, must not keep the process alive.
process.stdout.write('', () => process.exit())
