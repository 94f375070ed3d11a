import { parseArgs } from 'node:util'
import { loadConfig } from '../config/load.ts'
import { createStateTable, readState } from '../migrate/backfill/backfill-state.ts'
import { loadBackfills } from '../migrate/backfill/load-backfills.ts'
import type { Backfill } from '../migrate/backfill/parse-backfill.ts'
import { renderEvent } from '../migrate/backfill/render-event.ts'
import type { BackfillEvent } from '../migrate/backfill/backfill-settings.ts'
import { type BackfillResult, runBackfill } from '../migrate/backfill/run-backfill.ts'
import { CommandError, exitCodes } from '../errors.ts'
import type { Session } from '../migrate/open-session.ts'
import { withSession } from '../migrate/with-session.ts'
import { runCommand } from './run-command.ts'

const usage = `usage: backfill run [NAME ...] [--batch 2000] [--pause-ms 100] [--restart]   all unfinished ones without NAME
       backfill status                                                      what has been passed
options: --folder backfills, --json
exit codes: 0 finished, 1 SQL error, 2 configuration, 10 rows remain, 11 edited, 20 it runs elsewhere, 22 no database, 143 stopped by SIGTERM`

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      folder: { type: 'string', default: 'backfills' },
      batch: { type: 'string', default: '2000' },
      'pause-ms': { type: 'string', default: '100' },
      restart: { type: 'boolean', default: false },
      json: { type: 'boolean', default: !process.stdout.isTTY },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const count = (name: 'batch' | 'pause-ms', least: number, most: number): number => {
    const value = Number(values[name])
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new Error(`--${name}: expected a whole number from ${least} to ${most} (got ${values[name]})`)
  }
  const [command = 'run', ...names] = positionals
  if (!['run', 'status'].includes(command)) throw new Error(`there is no command ${command}`)
  if (values.restart && names.length === 0) throw new Error('--restart: name the backfill to run again')
  return {
    ...values,
    command,
    names,
    batchSize: count('batch', 1, 5_000),
    pauseMs: count('pause-ms', 0, 60_000),
  }
}

type Args = ReturnType<typeof parse>

function choose({ folder, names }: Args): Backfill[] {
  const all = loadBackfills(folder)
  const unknown = names.find((name) => !all.some((backfill) => backfill.name === name))
  if (unknown === undefined) return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
  throw new CommandError('usage', `there is no backfill ${unknown} in ${folder}`, {
    hint: `expected one of: ${all.map(({ name }) => name).join(', ') || 'none'}`,
  })
}

/** The batch at work is committed, the next one is not begun. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => controller.abort(name === 'SIGTERM' ? 'terminated' : 'interrupted'))
  }
  return controller.signal
}

async function run(args: Args, session: Session, signal: AbortSignal): Promise<number> {
  const { batchSize, pauseMs, restart } = args
  const report = (event: BackfillEvent): void =>
    void process.stdout.write(args.json ? `${JSON.stringify(event)}\n` : renderEvent(event))
  const results: BackfillResult[] = []
  const chosen = choose(args)
  if (chosen.length === 0) process.stderr.write(`nothing to do: ${args.folder} holds no backfills\n`)
  for (const backfill of chosen) {
    if (signal.aborted) break
    results.push(await runBackfill(backfill, { session, batchSize, pauseMs, restart, report, signal }))
  }
  if (signal.aborted) return exitCodes[signal.reason === 'interrupted' ? 'interrupted' : 'terminated']
  return warnOfRest(results)
}

function warnOfRest(results: readonly BackfillResult[]): number {
  if (results.every(({ remaining }) => remaining === 0)) return exitCodes.ok
  process.stderr.write(
    'error: rows remain that the WHERE still finds: the running version writes them, or the change does not settle them\nhint: release the version that writes the new form, then run it again with --restart\n',
  )
  return exitCodes.pending
}

async function status(args: Args, session: Session): Promise<number> {
  await createStateTable(session)
  for (const { name } of choose(args)) {
    const state = await readState(session, name)
    const word = state === undefined ? 'not begun' : state.isFinished ? 'finished' : 'unfinished'
    const { passed = 0, changed = 0 } = state ?? {}
    const line = args.json ? JSON.stringify({ backfill: name, state: word, passed, changed }) : undefined
    process.stdout.write(`${line ?? `${name}: ${word}, ${passed} rows passed, ${changed} changed`}\n`)
  }
  return exitCodes.ok
}

async function main(args: Args): Promise<number> {
  const config = loadConfig('migrate', process.env)
  const signal = stopOnSignal()
  const settings = {
    url: config.DATABASE_URL,
    ca: config.DATABASE_CA_FILE,
    folder: args.folder,
    connectWaitMs: config.MIGRATE_CONNECT_WAIT_MS,
    signal,
  }
  return withSession(settings, (session) =>
    args.command === 'status' ? status(args, session) : run(args, session, signal),
  )
}

process.exitCode = await runCommand({ usage, parse, run: main })
