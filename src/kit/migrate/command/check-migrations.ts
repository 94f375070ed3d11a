import { existsSync } from 'node:fs'
import { checkBase, mergedTags } from '../check/check-base.ts'
import { findMerged } from '../check/find-base.ts'
import { checkDrizzleKit } from '../check/check-drizzle-kit.ts'
import { checkFiles } from '../check/check-files.ts'
import { checkFloor } from '../check/check-floor.ts'
import type { Fault } from '../check/fault.ts'
import { needHint, needSentence, type PathNeed } from '../find-path-needs.ts'
import { fingerprintPath, isStale, loadFingerprint } from '../fingerprint.ts'
import { findNewFiles, nothingJudged, type NewFiles } from '../check/find-new-files.ts'
import { lintFiles } from '../lint/lint-files.ts'
import { readMigrations, type MigrationFile } from '../read-migrations.ts'
import type { Outcome } from './outcome.ts'

export interface CheckSettings {
  folder: string
  /** Branch, tag or commit to compare with; by default what `findBase` finds. */
  base?: string | undefined
  /** Milliseconds. */
  now?: number
}

function needFault(need: PathNeed): Fault {
  return {
    exit: 'unsafe_migration',
    subject: need.routine,
    message: needSentence(need),
    hint: needHint(need),
  }
}

function checkFingerprint(folder: string, files: MigrationFile[]): Fault[] {
  if (!existsSync(fingerprintPath(folder))) return []
  const fingerprint = loadFingerprint(folder)
  if (!isStale(fingerprint, files)) return (fingerprint.pathNeeds ?? []).map(needFault)
  const message = 'fingerprint.json was made from other migrations'
  return [{ exit: 'usage', subject: 'fingerprint.json', message, hint: 'npm run db:fingerprint' }]
}

interface Linted {
  faults: Fault[]
  /** Changes of type, which the server alone can judge. */
  deferred: string[]
}

/** Only new files: merged files cannot change. */
async function lintNewFiles(folder: string, { names }: NewFiles): Promise<Linted> {
  const findings = await lintFiles(folder, names)
  const faults = findings
    .filter((finding) => finding.severity === 'error')
    .map(({ file, line, rule, sentence, hint }): Fault => ({
      exit: 'unsafe_migration',
      subject: file,
      message: `${file}:${line} ${rule}: ${sentence}`,
      hint,
    }))
  const deferred = findings
    .filter(({ rule }) => rule === 'type-by-rehearsal')
    .map(({ file, line, sentence, hint }) => `${file}:${line} ${sentence}\n  hint: ${hint}`)
  return { faults, deferred }
}

interface Findings {
  faults: Fault[]
  skipped?: string[]
  deferred?: string[]
  fresh?: NewFiles
}

/** Checks that read the files, and so need a journal that matches them. */
async function checkContents({ folder, base }: CheckSettings): Promise<Findings> {
  const files = readMigrations(folder)
  const merged = checkBase(folder, findMerged(folder, base))
  const fresh = findNewFiles(folder, base)
  const kit = await checkDrizzleKit(folder)
  const linted = await lintNewFiles(folder, fresh)
  const own = [...checkFloor(files), ...checkFingerprint(folder, files)]
  return {
    faults: [...merged.faults, ...kit.faults, ...own, ...linted.faults],
    deferred: linted.deferred,
    skipped: [merged.skipped, kit.skipped].filter((line) => line !== undefined),
    fresh,
  }
}

function describe(fault: Fault): string {
  return `error: ${fault.message}\n  hint: ${fault.hint}`
}

/** Runs all checks that need no database. */
export async function checkMigrations(settings: CheckSettings): Promise<Outcome> {
  const merged = mergedTags(settings.folder, findMerged(settings.folder, settings.base))
  const files = checkFiles(settings.folder, settings.now ?? Date.now(), merged)
  const isReadable = !files.some((fault) => fault.exit === 'usage')
  const contents: Findings = isReadable ? await checkContents(settings) : { faults: [] }
  const faults = [...files, ...contents.faults]
  const { skipped = [], deferred = [] } = contents
  const { fresh } = contents
  const isJudged = fresh?.isNothingJudged !== true
  const exit = faults[0]?.exit ?? (isJudged ? 'ok' : 'not_judged')
  const judged = fresh === undefined ? [] : [isJudged ? `judged ${fresh.sentence}` : nothingJudged]
  const verdict = exit === 'ok' ? ['the migrations are in order'] : []
  const text = [
    ...faults.map(describe),
    ...skipped.map((line) => `skipped: ${line}`),
    ...deferred.map((line) => `to rehearse: ${line}`),
    ...judged,
    ...verdict,
  ].join('\n')
  return {
    exit,
    json: { exit, faults, skipped, deferred, judged: fresh?.names ?? [], base: fresh?.base ?? null },
    text,
  }
}
