/**
 * Backfills: changes of data in batches, which can be stopped and resumed.
 *   node src/kit/bin/backfill.ts status
 */
import { loadConfig } from '../config/load.ts'
import { createStateTable, readState } from '../migrate/backfill/backfill-state.ts'
import { loadBackfills } from '../migrate/backfill/load-backfills.ts'
import type { Backfill } from '../migrate/backfill/parse-backfill.ts'
import { renderEvent } from '../migrate/backfill/render-event.ts'
import type { BackfillEvent } from '../migrate/backfill/backfill-settings.ts'
import { runBackfill } from '../migrate/backfill/run-backfill.ts'
import { CommandError, exitOf, type ExitName } from '../errors.ts'
import type { Session } from '../migrate/open-session.ts'
import { withSession } from '../migrate/with-session.ts'
import { abortOnSignal } from './process/abort-on-signal.ts'
import { defineVerb, wholeNumber, wrongArguments, type Arguments } from './process/define-verb.ts'
import { runCommand } from './process/run-command.ts'
import { openTerminal, type Terminal } from './process/terminal.ts'
import { limitsOf } from './migrate/run-limits.ts'

const listOptions = {
  folder: { type: 'string', default: 'backfills' },
  json: { type: 'boolean', default: !process.stdout.isTTY },
} as const

const runOptions = {
  ...listOptions,
  batch: { type: 'string', default: '2000' },
  'pause-ms': { type: 'string', default: '100' },
  restart: { type: 'boolean', default: false },
} as const

function batchOf(values: { batch: string; 'pause-ms': string }) {
  return {
    batchSize: wholeNumber('batch', values.batch, 1, 5_000),
    pauseMs: wholeNumber('pause-ms', values['pause-ms'], 0, 60_000),
  }
}

type RunValues = Arguments<typeof runOptions>['values']
type ListValues = Arguments<typeof listOptions>['values']

function choose({ folder }: ListValues, names: string[]): Backfill[] {
  const all = loadBackfills(folder)
  const unknown = names.find((name) => !all.some((backfill) => backfill.name === name))
  if (unknown === undefined) return names.length === 0 ? all : all.filter(({ name }) => names.includes(name))
  throw new CommandError('usage', `there is no backfill ${unknown} in ${folder}`, {
    hint: `expected one of: ${all.map(({ name }) => name).join(', ') || 'none'}`,
  })
}

/** Runs `work` in one session. A signal stops it after the current batch, which is committed. */
function inSession<T>(
  folder: string,
  work: (session: Session, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const config = loadConfig('migrate', process.env)
  const signal = abortOnSignal()
  const settings = {
    url: config.DATABASE_URL,
    ca: config.DATABASE_CA_FILE,
    folder,
    ...limitsOf(config),
    signal,
  }
  return withSession(settings, (session) => work(session, signal))
}

async function runAll({ say }: Terminal, values: RunValues, chosen: Backfill[]): Promise<ExitName> {
  const { batchSize, pauseMs } = batchOf(values)
  const { restart } = values
  const report = (event: BackfillEvent): void =>
    void process.stdout.write(values.json ? `${JSON.stringify(event)}\n` : renderEvent(event))
  return inSession(values.folder, async (session, signal) => {
    const unsettled: string[] = []
    for (const backfill of chosen) {
      if (signal.aborted) break
      const { remaining } = await runBackfill(backfill, {
        session,
        batchSize,
        pauseMs,
        restart,
        report,
        signal,
      })
      if (remaining !== 0) unsettled.push(backfill.name)
    }
    if (signal.aborted) return exitOf(signal.reason)
    if (unsettled.length === 0) return 'ok'
    say(
      'error: rows remain that the WHERE still finds: the running version writes them, or the change does not settle them',
    )
    say(
      `hint: release the version that writes the new form, then: backfill run ${unsettled.join(' ')} --restart`,
    )
    return 'pending'
  })
}

const run = defineVerb({
  usage: ['run [NAME ...] [--batch 2000] [--pause-ms 100] [--restart]   all unfinished ones without NAME'],
  options: runOptions,
  names: Number.POSITIVE_INFINITY,
  refuse: ({ values, names }) => {
    batchOf(values)
    if (values.restart && names.length === 0)
      throw wrongArguments('--restart: name the backfill to run again')
  },
  run: async (terminal: Terminal, { values, names }) => {
    const chosen = choose(values, names)
    if (chosen.length === 0) terminal.say(`nothing to do: ${values.folder} holds no backfills`)
    return runAll(terminal, values, chosen)
  },
})

const status = defineVerb({
  usage: ['status [NAME ...]   how far each is'],
  options: listOptions,
  names: Number.POSITIVE_INFINITY,
  run: async ({ print }: Terminal, { values, names }) =>
    inSession(values.folder, async (session) => {
      await createStateTable(session)
      for (const { name } of choose(values, names)) {
        const state = await readState(session, name)
        const word = state === undefined ? 'not begun' : state.isFinished ? 'finished' : 'unfinished'
        const { passed = 0, changed = 0 } = state ?? {}
        const line = values.json
          ? JSON.stringify({ backfill: name, state: word, passed, changed })
          : undefined
        print(line ?? `${name}: ${word}, ${passed} rows passed, ${changed} changed`)
      }
    }),
})

process.exitCode = await runCommand({
  name: 'backfill',
  verbs: { run, status },
  fallback: 'run',
  notes: ['options of both: --folder backfills, --json'],
  open: openTerminal,
})
