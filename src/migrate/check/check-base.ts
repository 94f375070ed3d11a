import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { MigrateError } from '../migrate-error.ts'
import type { Fault } from './fault.ts'
import { parseJournal, type JournalEntry } from './read-journal-file.ts'

export interface BaseCheck {
  faults: Fault[]
  /** Why there was nothing to compare with. */
  skipped?: string
}

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

const tryGit = (folder: string, ...args: string[]): string | undefined => {
  try {
    return git(folder, ...args).trim()
  } catch {
    return undefined
  }
}

const findBase = (folder: string, wanted: string | undefined): string | undefined =>
  (wanted === undefined ? ['origin/main', 'main', 'origin/master', 'master'] : [wanted]).find(
    (name) => tryGit(folder, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`) !== undefined,
  )

const journalAt = (folder: string, commit: string): JournalEntry[] => {
  const text = tryGit(folder, 'show', `${commit}:./meta/_journal.json`)
  return text === undefined ? [] : parseJournal(text)
}

const editedFiles = (folder: string, mergeBase: string): Fault[] => {
  const fields = git(
    folder,
    'diff',
    '--name-status',
    '--no-renames',
    '--relative',
    '-z',
    mergeBase,
    '--',
    '.',
  ).split('\0')
  return fields.flatMap((status, index): Fault[] => {
    const path = fields[index + 1]
    const isWatched = path !== undefined && /(\.sql|_snapshot\.json)$/.test(path)
    if (index % 2 === 1 || !isWatched || status === 'A') return []
    const verb = status === 'D' ? 'was deleted' : 'was changed'
    const hint = `git checkout ${mergeBase.slice(0, 12)} -- ${path}, and write the change as a new migration`
    return [{ exit: 'edited', subject: path, message: `${path} ${verb}; the base branch has it`, hint }]
  })
}

const editedEntries = (base: JournalEntry[], own: JournalEntry[]): Fault[] =>
  base.flatMap((entry, index): Fault[] => {
    const now = own[index]
    if (now?.tag === entry.tag && now.when === entry.when) return []
    const message = `the journal entry of ${entry.tag} was changed; the base branch has it`
    const hint = 'put the entry back as it is on the base branch, and append new ones'
    return [{ exit: 'edited', subject: 'meta/_journal.json', message, hint }]
  })

/** What the base branch gained since this branch began is applied first: new files have to be later than that. */
const mergedLate = (tip: JournalEntry[], own: JournalEntry[]): Fault[] => {
  const newest = tip.at(-1)
  const tags = new Set(tip.map((entry) => entry.tag))
  if (newest === undefined) return []
  return own
    .filter((entry) => !tags.has(entry.tag) && entry.when <= newest.when)
    .map((entry) => ({
      exit: 'out_of_order',
      subject: entry.tag,
      message: `${entry.tag} is older than ${newest.tag} of the base branch: merged so, it would come late`,
      hint: 'rebase, delete the migration with its snapshot and journal entry, then npm run db:generate',
    }))
}

/** Whoever names a branch wants the comparison: a shallow clone must not pass for one. */
const noSuchBase = (wanted: string): MigrateError =>
  new MigrateError('configuration', `this checkout shares no commit with ${wanted}`, {
    hint: 'fetch the base branch with its history',
  })

/** Compares with the commit where this branch left the base branch, and with the tip of that branch. */
export const checkBase = (folder: string, wanted: string | undefined): BaseCheck => {
  const base = findBase(folder, wanted)
  const mergeBase = base === undefined ? undefined : tryGit(folder, 'merge-base', 'HEAD', base)
  if (base === undefined || mergeBase === undefined) {
    if (wanted !== undefined) throw noSuchBase(wanted)
    return { faults: [], skipped: 'no base branch: cannot tell whether merged files were changed' }
  }
  const own = parseJournal(readFileSync(`${folder}/meta/_journal.json`, 'utf8'))
  return {
    faults: [
      ...editedFiles(folder, mergeBase),
      ...editedEntries(journalAt(folder, mergeBase), own),
      ...mergedLate(journalAt(folder, base), own),
    ],
  }
}
