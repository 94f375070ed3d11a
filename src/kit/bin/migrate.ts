import { existsSync } from 'node:fs'
import { loadConfig } from '../config/load.ts'
import { AppError, CommandError, exitCodes, type ExitName } from '../errors.ts'
import type { Outcome } from '../migrate/command/outcome.ts'
import { createReporter } from '../migrate/create-reporter.ts'
import { errorCode } from '../migrate/error-code.ts'
import { runMigrations } from '../migrate/run-migrations.ts'
import type { RunSettings } from '../migrate/run-settings.ts'
import { writeRunMetrics, type RunFacts } from '../migrate/write-run-metrics.ts'
import type { runInCheckout } from './migrate-in-checkout.ts'
import { migrateUsage, parseMigrateArgs, type MigrateArgs } from './parse-migrate-args.ts'
import { reportFailure } from './report-failure.ts'

const graceMs = 3_500

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

const settingsFor = (args: MigrateArgs, config = loadConfig('migrate', process.env)): RunSettings => {
  return {
    url: config.DATABASE_URL,
    ca: config.DATABASE_CA_FILE,
    folder: config.MIGRATE_FOLDER,
    connectWaitMs: config.MIGRATE_CONNECT_WAIT_MS,
    lockWaitMs: config.MIGRATE_LOCK_WAIT_MS,
    lockTimeoutMs: config.MIGRATE_LOCK_TIMEOUT_MS,
    lockBudgetMs: config.MIGRATE_LOCK_BUDGET_MS,
    statementTimeoutMs: config.MIGRATE_STATEMENT_TIMEOUT_MS,
    allowOutOfOrder: args.allowOutOfOrder,
    report: reporterFor(args),
    signal: abortOnSignal(),
  }
}

/** `up` is a service as often as a command: what no person reads is one JSON line per event. */
const isReadable = (args: MigrateArgs): boolean =>
  !args.json && (args.command !== 'up' || process.stdout.isTTY)

const write = (text: string): void => void process.stdout.write(text)

const reporterFor = (args: MigrateArgs) => createReporter({ write, isReadable: isReadable(args) })

/** The migrations are applied and stay so: what the API lacks is a warning here, and keeps the API from being ready. */
const warnOfPrivileges = async (settings: RunSettings): Promise<void> => {
  const privileges = await import('../migrate/lacking-privileges.ts')
  const warn = (msg: string, hint: string): void =>
    settings.report?.({ event: 'warning', code: 'privileges_missing', msg, hint })
  try {
    const { loadUsedTables } = await import('./mounted-application.ts')
    const lacking = await privileges.lackingPrivileges(settings, await loadUsedTables())
    if (lacking.length > 0) warn(privileges.lackingSentence(lacking), privileges.lackingHint)
  } catch (err) {
    warn(`what the role of the API may do could not be read (${errorCode(err)})`, '/readyz says it too')
  }
}

const up = async (args: MigrateArgs): Promise<ExitName> => {
  const config = loadConfig('migrate', process.env)
  const settings = settingsFor(args, config)
  const record = recorder(config.MIGRATE_METRICS_FILE)
  try {
    const { present, applied } = await runMigrations(settings)
    record({ isSuccess: true, applied: present + applied.length })
    if (applied.length > 0) await warnOfPrivileges(settings)
  } catch (err) {
    record({ isSuccess: false })
    throw err
  }
  return 'ok'
}

/** Writes what Prometheus may know of the run; a folder that is full must not turn the run into a failure. */
const recorder = (file: string | undefined) => {
  const startedAt = performance.now()
  return (facts: Omit<RunFacts, 'durationMs'>): void => {
    if (file === undefined) return
    try {
      writeRunMetrics(file, { ...facts, durationMs: performance.now() - startedAt })
    } catch (err) {
      process.stderr.write(`warning: the metrics of this run could not be written: ${String(err)}\n`)
    }
  }
}

const print = (outcome: Outcome, args: MigrateArgs): ExitName => {
  if (args.porcelain) return printPorcelain(outcome, args)
  write(isReadable(args) ? `${outcome.text}\n` : `${JSON.stringify(outcome.json)}\n`)
  return outcome.exit
}

const printPorcelain = ({ porcelain, exit }: Outcome, { command }: MigrateArgs): ExitName => {
  if (porcelain === undefined)
    throw new CommandError('usage', `${command} has no --porcelain`, { hint: migrateUsage })
  for (const sentence of porcelain.sentences) process.stderr.write(`${sentence}\n`)
  for (const line of porcelain.lines) write(`${line}\n`)
  return exit
}

interface Checkout {
  runInCheckout: typeof runInCheckout
}

/** The path is computed, so that no bundle takes along what only a checkout has. */
const inCheckout = async (args: MigrateArgs): Promise<Outcome> => {
  const entry = new URL('./migrate-in-checkout.ts', import.meta.url)
  if (!existsSync(entry)) {
    throw new CommandError('usage', `${args.command} is not part of the image`, {
      hint: `run it in a checkout: npm run db:${args.command}`,
    })
  }
  const checkout = (await import(entry.href)) as Checkout
  return checkout.runInCheckout(args, process.env['MIGRATE_FOLDER'] ?? 'migrations')
}

// Loaded when asked for: the one-shot that finds nothing to do should cost little more than its connection.
const commands: Record<string, (args: MigrateArgs) => Promise<Outcome>> = {
  status: async (args) => (await import('../migrate/command/show-status.ts')).showStatus(settingsFor(args)),
  plan: async (args) => (await import('../migrate/command/show-plan.ts')).showPlan(settingsFor(args)),
  drift: async (args) => (await import('../migrate/command/show-drift.ts')).showDrift(settingsFor(args)),
  baseline: async (args) =>
    (await import('../migrate/command/record-baseline.ts')).recordBaseline(settingsFor(args), args.to),
  check: inCheckout,
  fingerprint: inCheckout,
  help: () => Promise.resolve({ exit: 'ok', json: { usage: migrateUsage }, text: migrateUsage }),
}

const run = async (args: MigrateArgs): Promise<ExitName> => {
  if (args.command === 'up') return up(args)
  const command = commands[args.command]
  if (command !== undefined) return print(await command(args), args)
  throw new CommandError('usage', `there is no command ${args.command}`, { hint: migrateUsage })
}

const fail = (err: unknown, isJson: boolean): number => {
  if (!(err instanceof AppError)) return reportFailure(err)
  const exit = err instanceof CommandError ? err.exit : 'failed'
  const event = { event: 'failed', msg: err.publicMessage, hint: err.hint, exit, ...err.fields } as const
  if (!isJson) return (reportFailure(err), exitCodes[exit])
  createReporter({ write, isReadable: false })(event)
  return exitCodes[exit]
}

let isJson = false
try {
  const args = parseMigrateArgs(process.argv.slice(2))
  isJson = !isReadable(args)
  process.exitCode = exitCodes[await run(args)]
} catch (err) {
  process.exitCode = fail(err, isJson)
}
// What is left open by a fault, a socket in the middle of its handshake for example, must not hold the process.
process.stdout.write('', () => process.exit())
