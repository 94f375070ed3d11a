import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { exitCodes } from '../migrate/exit-codes.ts'
import { loadBackfills } from '../migrate/backfill/load-backfills.ts'
import { findNewFiles, sqlFiles } from '../migrate/lint/find-new-files.ts'
import { rehearse, type RehearsalReport, type RehearsalSettings } from '../migrate/rehearse/rehearse.ts'
import { renderReport } from '../migrate/rehearse/render-report.ts'
import { runCommand } from './run-command.ts'
import { onThrowAwayServer } from './throw-away-server.ts'

const usage = `usage: rehearse [--folder migrations] [--backfills backfills] [--base BRANCH | --all] [--rows 100000] [--max-rows 5000] [--max-wait-ms 1000] [--json]
Applies the migrations that the base branch does not have to a throw-away PostgreSQL, seeded and under traffic.
exit codes: 0 nothing to refuse, 1 it could not run, 2 wrong arguments, 40 refused`

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
  const names = args.all ? sqlFiles(folder) : (await findNewFiles(folder, base)).names
  const isNew = (tag: string): boolean => names.includes(`${tag}.sql`)
  const backfills = existsSync(args.backfills) ? loadBackfills(args.backfills) : []
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const work = (urls: RehearsalSettings['urls']) =>
    rehearse({ urls, folder, isNew, backfills, rows, limits, say })
  const report: RehearsalReport =
    names.length === 0 ? { rows, files: [], isRefused: false } : await onThrowAwayServer(work)
  process.stdout.write(args.json ? `${JSON.stringify(report)}\n` : renderReport(report))
  return report.isRefused ? exitCodes.refused : exitCodes.ok
}

process.exitCode = await runCommand({ usage, parse, run })
