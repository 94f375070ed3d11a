import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config/load.ts'
import { AppError } from '../errors.ts'
import type { Outcome } from '../migrate/command/outcome.ts'
import { createReporter } from '../migrate/create-reporter.ts'
import { exitCodes, type ExitName } from '../migrate/exit-codes.ts'
import { MigrateError } from '../migrate/migrate-error.ts'
import { runMigrations } from '../migrate/run-migrations.ts'
import type { RunSettings } from '../migrate/run-settings.ts'
import { reportFailure } from './report-failure.ts'

const usage = `usage: migrate [up] [--allow-out-of-order]    apply what is pending
       migrate status                        where the database stands; exit 10 when something is pending
       migrate plan                          the SQL that up would run
       migrate check [--base BRANCH]         the files, without a database
       migrate baseline --to TAG             record files of an existing schema without running them
       migrate drift                         the live catalog against the fingerprint
       migrate fingerprint                   write the fingerprint from a scratch database
--json gives one JSON line per event or result; exit codes: docs/reference/exit-codes.md`

const parse = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        to: { type: 'string' },
        base: { type: 'string' },
        'allow-out-of-order': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (positionals.length > 1) throw new Error(`unexpected ${positionals.slice(1).join(' ')}`)
    return { ...values, command: values.help ? 'help' : (positionals[0] ?? 'up') }
  } catch (err) {
    throw new MigrateError('configuration', (err as Error).message.split('. ')[0] ?? '', { hint: usage })
  }
}

type Args = ReturnType<typeof parse>

const graceMs = 4_500

/** SIGTERM and SIGINT cancel what runs; a process that cannot even do that ends before its 5 s are over. */
const abortOnSignal = (): AbortSignal => {
  const controller = new AbortController()
  const listen = (name: 'SIGTERM' | 'SIGINT', exit: 'terminated' | 'interrupted'): void => {
    process.on(name, () => {
      controller.abort(exit)
      setTimeout(() => process.exit(exitCodes[exit]), graceMs).unref()
    })
  }
  listen('SIGTERM', 'terminated')
  listen('SIGINT', 'interrupted')
  return controller.signal
}

const settingsFor = (args: Args): RunSettings => {
  const config = loadConfig('migrate', process.env)
  return {
    url: config.DATABASE_URL,
    ca: config.DATABASE_CA_FILE,
    folder: config.MIGRATE_FOLDER,
    connectWaitMs: config.MIGRATE_CONNECT_WAIT_MS,
    lockWaitMs: config.MIGRATE_LOCK_WAIT_MS,
    lockTimeoutMs: config.MIGRATE_LOCK_TIMEOUT_MS,
    lockBudgetMs: config.MIGRATE_LOCK_BUDGET_MS,
    statementTimeoutMs: config.MIGRATE_STATEMENT_TIMEOUT_MS,
    allowOutOfOrder: args['allow-out-of-order'],
    report: reporterFor(args),
    signal: abortOnSignal(),
  }
}

/** `up` is a service as often as a command: what no person reads is one JSON line per event. */
const isReadable = (args: Args): boolean => !args.json && (args.command !== 'up' || process.stdout.isTTY)

const write = (text: string): void => void process.stdout.write(text)

const reporterFor = (args: Args) => createReporter({ write, isReadable: isReadable(args) })

const up = async (args: Args): Promise<ExitName> => {
  await runMigrations(settingsFor(args))
  return 'ok'
}

const print = (outcome: Outcome, args: Args): ExitName => {
  write(isReadable(args) ? `${outcome.text}\n` : `${JSON.stringify(outcome.json)}\n`)
  return outcome.exit
}

interface Check {
  checkMigrations: (settings: { folder: string; base?: string | undefined }) => Promise<Outcome>
}

/** Its tools (git, drizzle-kit, squawk) are in a checkout only: the path is computed, so that no bundle takes them along. */
const loadCheck = (): Promise<Check> => {
  const entry = new URL('../migrate/command/check-migrations.ts', import.meta.url)
  if (existsSync(entry)) return import(entry.href) as Promise<Check>
  throw new MigrateError('configuration', 'check is not part of the image', {
    hint: 'run it in a checkout: npm run db:check',
  })
}

const check = async (args: Args): Promise<Outcome> => {
  const { checkMigrations } = await loadCheck()
  return checkMigrations({ folder: process.env['MIGRATE_FOLDER'] ?? 'migrations', base: args.base })
}

const fingerprint = async (args: Args): Promise<Outcome> => {
  const { writeFingerprint } = await import('../migrate/write-fingerprint.ts')
  const { tag, catalog } = await writeFingerprint(settingsFor(args))
  return {
    exit: 'ok',
    json: { exit: 'ok', tag, lines: catalog.length },
    text: `wrote ${catalog.length} lines for ${tag}`,
  }
}

// Loaded when asked for: the one-shot that finds nothing to do should cost little more than its connection.
const commands: Record<string, (args: Args) => Promise<Outcome>> = {
  status: async (args) => (await import('../migrate/command/show-status.ts')).showStatus(settingsFor(args)),
  plan: async (args) => (await import('../migrate/command/show-plan.ts')).showPlan(settingsFor(args)),
  drift: async (args) => (await import('../migrate/command/show-drift.ts')).showDrift(settingsFor(args)),
  baseline: async (args) =>
    (await import('../migrate/command/record-baseline.ts')).recordBaseline(settingsFor(args), args.to),
  check,
  fingerprint,
  help: () => Promise.resolve({ exit: 'ok', json: { usage }, text: usage }),
}

const run = async (args: Args): Promise<ExitName> => {
  if (args.command === 'up') return up(args)
  const command = commands[args.command]
  if (command !== undefined) return print(await command(args), args)
  throw new MigrateError('configuration', `there is no command ${args.command}`, { hint: usage })
}

const fail = (err: unknown, isJson: boolean): number => {
  if (!(err instanceof AppError)) return reportFailure(err)
  const exit = err instanceof MigrateError ? err.exit : 'sql_error'
  const event = { event: 'failed', msg: err.publicMessage, hint: err.hint, exit, ...err.fields } as const
  if (!isJson) return (reportFailure(err), exitCodes[exit])
  createReporter({ write, isReadable: false })(event)
  return exitCodes[exit]
}

let isJson = false
try {
  const args = parse()
  isJson = !isReadable(args)
  process.exitCode = exitCodes[await run(args)]
} catch (err) {
  process.exitCode = fail(err, isJson)
}
// What is left open by a fault, a socket in the middle of its handshake for example, must not hold the process.
process.stdout.write('', () => process.exit())
