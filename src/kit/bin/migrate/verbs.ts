import { existsSync } from 'node:fs'
import { loadConfig } from '../../config/load.ts'
import { CommandError, type ExitName } from '../../errors.ts'
import type { Outcome } from '../../migrate/command/outcome.ts'
import type { RunSettings } from '../../migrate/run-settings.ts'
import type { Arguments, VerbTable } from '../process/define-verb.ts'
import type * as checkout from './migrate-in-checkout.ts'
import type { Terminal } from '../process/terminal.ts'
import { defineMigrateVerb, jsonOption, type Output } from './define-migrate-verb.ts'
import { settingsOf } from './settings-of.ts'
import { up } from './up.ts'

function print({ print: result, say, isReadable }: Output, outcome: Outcome, porcelain = false): ExitName {
  if (porcelain && outcome.porcelain !== undefined) {
    for (const sentence of outcome.porcelain.sentences) say(sentence)
    for (const line of outcome.porcelain.lines) result(line)
  } else {
    result(isReadable ? outcome.text : JSON.stringify(outcome.json))
  }
  return outcome.exit
}

function isReadable({ values }: Arguments<typeof jsonOption>): boolean {
  return !values.json
}

function settingsFor({ report }: Output, allowOutOfOrder = false): RunSettings {
  return settingsOf(loadConfig('migrate', process.env), { allowOutOfOrder, report })
}

/** Computes the path, so that no bundle includes modules that only a checkout has. */
async function inCheckout(verb: string): Promise<typeof checkout> {
  const entry = new URL('./migrate-in-checkout.ts', import.meta.url)
  if (existsSync(entry)) return (await import(entry.href)) as typeof checkout
  throw new CommandError('usage', `${verb} is not part of the image`, {
    hint: `run it in a checkout: npm run db:${verb}`,
  })
}

function folderOf(): string {
  return process.env['MIGRATE_FOLDER'] ?? 'migrations'
}

// Loaded on demand: a one-shot without pending files should cost little more than its connection.
const status = defineMigrateVerb({
  usage: ['status [--json | --porcelain]   where the database stands; exit 10 when something is pending'],
  options: {
    ...jsonOption,
    'allow-out-of-order': { type: 'boolean', default: false },
    porcelain: { type: 'boolean', default: false },
  },
  isReadable,
  run: async (output, { values }) => {
    const { showStatus } = await import('../../migrate/command/show-status.ts')
    const outcome = await showStatus(settingsFor(output, values['allow-out-of-order']))
    return print(output, outcome, values.porcelain)
  },
})

const plan = defineMigrateVerb({
  usage: ['plan [--allow-out-of-order] [--json]   the SQL that up would run'],
  options: { ...jsonOption, 'allow-out-of-order': { type: 'boolean', default: false } },
  isReadable,
  run: async (output, { values }) => {
    const { showPlan } = await import('../../migrate/command/show-plan.ts')
    return print(output, await showPlan(settingsFor(output, values['allow-out-of-order'])))
  },
})

const baseline = defineMigrateVerb({
  usage: ['baseline --to TAG [--json]   record files of an existing schema without running them'],
  options: { ...jsonOption, to: { type: 'string' } },
  isReadable,
  run: async (output, { values }) => {
    const { recordBaseline } = await import('../../migrate/command/record-baseline.ts')
    return print(output, await recordBaseline(settingsFor(output), values.to))
  },
})

const drift = defineMigrateVerb({
  usage: ['drift [--json]   compare the live catalog with the fingerprint'],
  options: jsonOption,
  isReadable,
  run: async (output) => {
    const { showDrift } = await import('../../migrate/command/show-drift.ts')
    return print(output, await showDrift(settingsFor(output)))
  },
})

const check = defineMigrateVerb({
  usage: ['check [--base BRANCH|TAG] [--json]   judge the files, without a database (in a checkout)'],
  options: { ...jsonOption, base: { type: 'string' } },
  isReadable,
  run: async (output, { values }) => {
    const { checkFolder } = await inCheckout('check')
    return print(output, await checkFolder(folderOf(), values.base ?? process.env['MIGRATION_BASE']))
  },
})

const fingerprint = defineMigrateVerb({
  usage: ['fingerprint [--json]   write the fingerprint, from a disposable PostgreSQL (in a checkout)'],
  options: jsonOption,
  isReadable,
  run: async (output) => print(output, await (await inCheckout('fingerprint')).fingerprintFolder(folderOf())),
})

/** In the order in which the usage shows them. */
export const verbs: VerbTable<Terminal> = { up, status, plan, baseline, drift, check, fingerprint }
