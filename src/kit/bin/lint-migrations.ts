/**
 * Judges the SQL of new migrations by its text.
 *   node src/kit/bin/lint-migrations.ts --base main
 */
import { allFiles, findNewFiles, nothingJudged, type NewFiles } from '../migrate/check/find-new-files.ts'
import { lintFiles } from '../migrate/lint/lint-files.ts'
import { renderFindings } from '../migrate/lint/render-findings.ts'
import type { ExitName } from '../errors.ts'
import { defineVerb, wrongArguments, type Arguments } from './process/define-verb.ts'
import { runCommand } from './process/run-command.ts'
import { openTerminal, type Terminal } from './process/terminal.ts'

const options = {
  folder: { type: 'string', default: 'migrations' },
  base: { type: 'string' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

async function lint({ print }: Terminal, { values }: Arguments<typeof options>): Promise<ExitName> {
  const { folder, base, all, json } = values
  const chosen = all ? allFiles(folder) : findNewFiles(folder, base ?? process.env['MIGRATION_BASE'])
  const findings = await lintFiles(folder, chosen.names)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const files = { files: chosen.names, base: chosen.base ?? null }
  if (json) print(JSON.stringify({ ...files, findings }))
  else print(`${renderFindings(findings)}${summary(chosen, errors)}`)
  if (errors > 0) return 'unsafe_migration'
  return chosen.isNothingJudged ? 'not_judged' : 'ok'
}

function summary({ sentence, isNothingJudged }: NewFiles, errors: number): string {
  if (isNothingJudged) return nothingJudged
  return `linted ${sentence}: ${errors === 0 ? 'nothing to refuse' : `${errors} refused`}`
}

process.exitCode = await runCommand({
  name: 'lint-migrations',
  verb: defineVerb({
    usage: ['[--folder migrations] [--base BRANCH|TAG|COMMIT | --all] [--json]'],
    options,
    refuse: ({ values }) => {
      if (values.all && values.base !== undefined) throw wrongArguments('--all and --base exclude each other')
    },
    run: lint,
  }),
  notes: [
    'Refuses dangerous SQL in new migrations: those that the base does not have (MIGRATION_BASE, else where this branch left main, on main',
    'the newest tag before it; without any of them every file is new). --all judges every file.',
  ],
  open: openTerminal,
})
