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
// What an error leaves open, a socket in the middle of its handshake for example, must not hold the process.
process.stdout.write('', () => process.exit())
