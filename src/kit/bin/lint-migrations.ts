import { parseArgs } from 'node:util'
import { allFiles, findNewFiles, nothingJudged, type NewFiles } from '../migrate/check/find-new-files.ts'
import { lintFiles } from '../migrate/lint/lint-files.ts'
import { renderFindings } from '../migrate/lint/render-findings.ts'
import { exitCodes } from '../errors.ts'
import { runCommand } from './run-command.ts'

const usage = `usage: lint-migrations [--folder migrations] [--base BRANCH|TAG|COMMIT | --all] [--json]
Refuses dangerous SQL in new migrations: those that the base does not have (MIGRATION_BASE, else where this branch left main, on main
the newest tag before it; without any of them every file is new). --all judges every file.
exit codes: 0 nothing to refuse, 1 it could not run, 2 wrong arguments, 40 refused, 41 nothing was judged`

function parse() {
  const { values } = parseArgs({
    options: {
      folder: { type: 'string', default: 'migrations' },
      base: { type: 'string' },
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.all && values.base !== undefined) throw new Error('--all and --base exclude each other')
  return values
}

async function lint({ folder, base, all, json }: ReturnType<typeof parse>): Promise<number> {
  const chosen = all ? allFiles(folder) : findNewFiles(folder, base ?? process.env['MIGRATION_BASE'])
  const findings = await lintFiles(folder, chosen.names)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const files = { files: chosen.names, base: chosen.base ?? null }
  if (json) process.stdout.write(`${JSON.stringify({ ...files, findings })}\n`)
  else process.stdout.write(`${renderFindings(findings)}${summary(chosen, errors)}\n`)
  if (errors > 0) return exitCodes.unsafe_migration
  return chosen.isNothingJudged ? exitCodes.not_judged : exitCodes.ok
}

function summary({ sentence, isNothingJudged }: NewFiles, errors: number): string {
  if (isNothingJudged) return nothingJudged
  return `linted ${sentence}: ${errors === 0 ? 'nothing to refuse' : `${errors} refused`}`
}

process.exitCode = await runCommand({ usage, parse, run: lint })
