/**
 * Applies new migrations to a disposable PostgreSQL, seeded and under traffic, and refuses what hurts there.
 *   node src/kit/bin/rehearse.ts --base main
 */
import { existsSync } from 'node:fs'
import type { ExitName } from '../errors.ts'
import { loadBackfills } from '../migrate/backfill/load-backfills.ts'
import { allFiles, findNewFiles, nothingJudged } from '../migrate/check/find-new-files.ts'
import { lackingPrivileges } from '../migrate/lacking-privileges.ts'
import { rehearse, type RehearsalReport, type RehearsalSettings } from '../migrate/rehearse/rehearse.ts'
import { renderReport } from '../migrate/rehearse/render-report.ts'
import { defineVerb, wholeNumber, wrongArguments, type Arguments } from './process/define-verb.ts'
import { openRequestProbe } from './open-request-probe.ts'
import { runCommand } from './process/run-command.ts'
import { openTerminal, type Terminal } from './process/terminal.ts'
import { loadProof, loadUsedTables } from './process/mounted-application.ts'
import { onDisposableServer } from './migrate/rehearsal-server.ts'
import { usualLimits } from './migrate/run-limits.ts'

const options = {
  folder: { type: 'string', default: 'migrations' },
  backfills: { type: 'string', default: 'backfills' },
  base: { type: 'string' },
  all: { type: 'boolean', default: false },
  rows: { type: 'string', default: '100000' },
  'max-rows': { type: 'string', default: '5000' },
  'max-wait-ms': { type: 'string', default: '1000' },
  json: { type: 'boolean', default: false },
} as const

type Given = Arguments<typeof options>

function limitsOf(values: Given['values']) {
  const count = (name: 'rows' | 'max-rows' | 'max-wait-ms') => wholeNumber(name, values[name], 1, 99_999_999)
  return { rows: count('rows'), limits: { mostRows: count('max-rows'), longestWaitMs: count('max-wait-ms') } }
}

async function run({ say, print }: Terminal, { values }: Given): Promise<ExitName> {
  const { folder, base } = values
  const { rows, limits } = limitsOf(values)
  const chosen = values.all ? allFiles(folder) : findNewFiles(folder, base ?? process.env['MIGRATION_BASE'])
  const { names } = chosen
  const isNew = (tag: string): boolean => names.includes(`${tag}.sql`)
  const backfills = existsSync(values.backfills) ? loadBackfills(values.backfills) : []
  say(chosen.isNothingJudged ? nothingJudged : `rehearsing ${chosen.sentence}`)
  const proof = await loadProof()
  const work = (urls: RehearsalSettings['urls']) =>
    rehearse({
      ...{ urls, folder, isNew, backfills, rows, limits, say },
      probe: openRequestProbe(urls.app, proof.requests),
      lacking: async () =>
        lackingPrivileges({ ...usualLimits(), url: urls.migrator }, await loadUsedTables()),
    })
  const report: RehearsalReport =
    names.length === 0 ? { rows, files: [], lacking: [], isRefused: false } : await onDisposableServer(work)
  print(values.json ? JSON.stringify(report) : renderReport(report).trimEnd())
  if (report.isRefused) return 'unsafe_migration'
  return chosen.isNothingJudged ? 'not_judged' : 'ok'
}

const exitCode = await runCommand({
  name: 'rehearse',
  verb: defineVerb({
    usage: [
      '[--base BRANCH|TAG|COMMIT | --all] [--folder migrations] [--backfills backfills] [--json]',
      '... [--rows 100000] [--max-rows 5000] [--max-wait-ms 1000]',
    ],
    options,
    refuse: ({ values }) => {
      limitsOf(values)
      if (values.all && values.base !== undefined) throw wrongArguments('--all and --base exclude each other')
    },
    run,
  }),
  notes: [
    'Applies the new migrations (as lint-migrations chooses them) to a disposable PostgreSQL, seeded and under traffic.',
  ],
  open: openTerminal,
})
// After a signal the rehearsal still waits for the stopped server.
process.exit(exitCode)
