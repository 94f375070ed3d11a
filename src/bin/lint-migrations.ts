import { parseArgs } from 'node:util'
import { findNewFiles, sqlFiles } from '../migrate/lint/find-new-files.ts'
import { lintFiles } from '../migrate/lint/lint-files.ts'
import { renderFindings } from '../migrate/lint/render-findings.ts'
import { exitCodes } from '../migrate/exit-codes.ts'
import { runCommand } from './run-command.ts'

const usage = `usage: lint-migrations [--folder migrations] [--base BRANCH | --all] [--json]
Refuses dangerous SQL in migrations that the base branch does not have; --all judges every file.
exit codes: 0 nothing to refuse, 1 it could not run, 2 wrong arguments, 40 refused`

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
  const { names, base: commit } = all
    ? { names: sqlFiles(folder), base: undefined }
    : await findNewFiles(folder, base)
  const findings = await lintFiles(folder, names)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (json) process.stdout.write(`${JSON.stringify({ files: names, base: commit ?? null, findings })}\n`)
  else process.stdout.write(`${renderFindings(findings)}${summary(names.length, errors, commit)}\n`)
  return errors > 0 ? exitCodes.refused : exitCodes.ok
}

function summary(files: number, errors: number, commit: string | undefined): string {
  const against = commit === undefined ? 'all of them' : `new since ${commit.slice(0, 12)}`
  return `linted ${files} migration files (${against}): ${errors === 0 ? 'nothing to refuse' : `${errors} refused`}`
}

process.exitCode = await runCommand({ usage, parse, run: lint })
