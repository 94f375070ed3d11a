import { existsSync } from 'node:fs'
import { checkBase } from '../check/check-base.ts'
import { checkDrizzleKit } from '../check/check-drizzle-kit.ts'
import { checkFiles } from '../check/check-files.ts'
import { checkFloor } from '../check/check-floor.ts'
import { checkRepeatable } from '../check/check-repeatable.ts'
import type { Fault } from '../check/fault.ts'
import { fingerprintPath, isStale, loadFingerprint } from '../fingerprint.ts'
import { findNewFiles } from '../lint/find-new-files.ts'
import { lintFiles } from '../lint/lint-files.ts'
import { readMigrations, type MigrationFile } from '../read-migrations.ts'
import type { Outcome } from './outcome.ts'

export interface CheckSettings {
  folder: string
  /** Branch to compare with; by default main. */
  base?: string | undefined
  /** Milliseconds. */
  now?: number
}

const checkFingerprint = (folder: string, files: MigrationFile[]): Fault[] => {
  if (!existsSync(fingerprintPath(folder)) || !isStale(loadFingerprint(folder), files)) return []
  const message = 'fingerprint.json was made from other migrations'
  return [{ exit: 'configuration', subject: 'fingerprint.json', message, hint: 'npm run db:fingerprint' }]
}

/** Only files that the base branch does not have: what is merged cannot be changed any more. */
const lintNewFiles = async (folder: string, base: string | undefined): Promise<Fault[]> => {
  const { names } = await findNewFiles(folder, base)
  const findings = await lintFiles(folder, names)
  return findings
    .filter((finding) => finding.severity === 'error')
    .map(({ file, line, rule, sentence, hint }) => ({
      exit: 'refused',
      subject: file,
      message: `${file}:${line} ${rule}: ${sentence}`,
      hint,
    }))
}

interface Findings {
  faults: Fault[]
  skipped?: string[]
}

/** What reads the files, and so needs a journal that agrees with them. */
const checkContents = async ({ folder, base }: CheckSettings): Promise<Findings> => {
  const files = readMigrations(folder)
  const merged = checkBase(folder, base)
  const kit = await checkDrizzleKit(folder)
  const own = [...checkRepeatable(files), ...checkFloor(files), ...checkFingerprint(folder, files)]
  return {
    faults: [...merged.faults, ...kit.faults, ...own, ...(await lintNewFiles(folder, base))],
    skipped: [merged.skipped, kit.skipped].filter((line) => line !== undefined),
  }
}

const describe = (fault: Fault): string => `error: ${fault.message}\n  hint: ${fault.hint}`

/** Everything that can be known about the files without a database. */
export const checkMigrations = async (settings: CheckSettings): Promise<Outcome> => {
  const files = checkFiles(settings.folder, settings.now ?? Date.now())
  const isReadable = !files.some((fault) => fault.exit === 'configuration')
  const contents: Findings = isReadable ? await checkContents(settings) : { faults: [] }
  const faults = [...files, ...contents.faults]
  const skipped = contents.skipped ?? []
  const exit = faults[0]?.exit ?? 'ok'
  const verdict = faults.length === 0 ? ['the migrations are in order'] : []
  const text = [...faults.map(describe), ...skipped.map((line) => `skipped: ${line}`), ...verdict].join('\n')
  return { exit, json: { exit, faults, skipped }, text }
}
