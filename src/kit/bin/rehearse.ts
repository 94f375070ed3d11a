import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { exitCodes } from '../errors.ts'
import { loadBackfills } from '../migrate/backfill/load-backfills.ts'
import { allFiles, findNewFiles, nothingJudged } from '../migrate/check/find-new-files.ts'
import { lackingPrivileges } from '../migrate/lacking-privileges.ts'
import { rehearse, type RehearsalReport, type RehearsalSettings } from '../migrate/rehearse/rehearse.ts'
import { renderReport } from '../migrate/rehearse/render-report.ts'
import { openRequestProbe } from './open-request-probe.ts'
import { runCommand } from './run-command.ts'
import { loadProof, loadUsedTables } from './mounted-application.ts'
import { onThrowAwayServer } from './rehearsal-server.ts'

const usage = `usage: rehearse [--folder migrations] [--backfills backfills] [--base BRANCH|TAG|COMMIT | --all] [--rows 100000] [--max-rows 5000] [--max-wait-ms 1000] [--json]
Applies the new migrations (as lint-migrations chooses them) to a throw-away PostgreSQL, seeded and under traffic.
exit codes: 0 nothing to refuse, 1 it could not run, 2 wrong arguments, 40 refused, 41 nothing was judged`

function parse() {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: 'migrations' },
      backfills: { type: 'string', default: 'backfills' },
      base: { type: 'string' },
      all: { type: 'boolean', default: false },
      rows: { type: 'string', default: '100000' },
      'max-rows': { type: 'string', default: '5000' },
      'max-wait-ms': { type: 'string', default: '1000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const count = (name: 'rows' | 'max-rows' | 'max-wait-ms'): number => {
    if (/^[1-9]\d{0,7}$/.test(values[name])) return Number(values[name])
    throw new Error(`--${name}: expected a whole number from 1 (got ${values[name]})`)
  }
  const limits = { mostRows: count('max-rows'), longestWaitMs: count('max-wait-ms') }
  if (values.all && values.base !== undefined) throw new Error('--all and --base exclude each other')
  return { ...values, rows: count('rows'), limits }
}

type Args = ReturnType<typeof parse>

async function run(args: Args): Promise<number> {
  const { folder, base, rows, limits } = args
  const chosen = args.all ? allFiles(folder) : findNewFiles(folder, base ?? process.env['MIGRATION_BASE'])
  const { names } = chosen
  const isNew = (tag: string): boolean => names.includes(`${tag}.sql`)
  const backfills = existsSync(args.backfills) ? loadBackfills(args.backfills) : []
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  say(chosen.isNothingJudged ? nothingJudged : `rehearsing ${chosen.sentence}`)
  const proof = await loadProof()
  const work = (urls: RehearsalSettings['urls']) =>
    rehearse({
      ...{ urls, folder, isNew, backfills, rows, limits, say },
      probe: openRequestProbe(urls.app, proof.requests),
      lacking: async () => lackingPrivileges({ url: urls.migrator }, await loadUsedTables()),
    })
  const report: RehearsalReport =
    names.length === 0 ? { rows, files: [], lacking: [], isRefused: false } : await onThrowAwayServer(work)
  process.stdout.write(args.json ? `${JSON.stringify(report)}\n` : renderReport(report))
  if (report.isRefused) return exitCodes.unsafe_migration
  return chosen.isNothingJudged ? exitCodes.not_judged : exitCodes.ok
}

process.exitCode = await runCommand({ usage, parse, run })
