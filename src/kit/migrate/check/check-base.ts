import { readFileSync } from 'node:fs'
import { acceptsOrder } from '../accept-order.ts'
import type { Fault } from './fault.ts'
import { tryGit, type Base } from './find-base.ts'
import { parseJournal, type JournalEntry } from './read-journal-file.ts'

export interface BaseCheck {
  faults: Fault[]
  /** Why there was nothing to compare with. */
  skipped?: string
}

function journalAt(folder: string, commit: string): JournalEntry[] {
  const text = tryGit(folder, 'show', `${commit}:./meta/_journal.json`)
  return text === undefined ? [] : parseJournal(text)
}

function editedFiles(folder: string, mergeBase: string): Fault[] {
  const options = ['--name-status', '--no-renames', '--relative', '-z']
  const fields = (tryGit(folder, 'diff', ...options, mergeBase, '--', '.') ?? '').split('\0')
  return fields.flatMap((status, index): Fault[] => {
    const path = fields[index + 1]
    const isWatched = path !== undefined && /(\.sql|_snapshot\.json)$/.test(path)
    if (index % 2 === 1 || !isWatched || status === 'A') return []
    const verb = status === 'D' ? 'was deleted' : 'was changed'
    const hint = `git checkout ${mergeBase.slice(0, 12)} -- ${path}, and write the change as a new migration`
    return [{ exit: 'edited', subject: path, message: `${path} ${verb}; the base branch has it`, hint }]
  })
}

function editedEntries(base: JournalEntry[], own: JournalEntry[]): Fault[] {
  return base.flatMap((entry, index): Fault[] => {
    const now = own[index]
    if (now?.tag === entry.tag && now.when === entry.when) return []
    const message = `the journal entry of ${entry.tag} was changed; the base branch has it`
    const hint = 'put the entry back as it is on the base branch, and append new ones'
    return [{ exit: 'edited', subject: 'meta/_journal.json', message, hint }]
  })
}

const lateHint =
  'rebase, delete the migration with its snapshot and journal entry, then npm run db:generate; or say in the file why it may come late: -- slipway:allow out-of-order: REASON'

/** Files merged into the base branch since this branch began are applied first, so new files must be later. */
function mergedLate(folder: string, tip: JournalEntry[], own: JournalEntry[]): Fault[] {
  const newest = tip.at(-1)
  const tags = new Set(tip.map((entry) => entry.tag))
  if (newest === undefined) return []
  return own
    .filter((entry) => !tags.has(entry.tag) && entry.when <= newest.when)
    .filter(({ tag }) => !acceptsOrder(readFileSync(`${folder}/${tag}.sql`, 'utf8')))
    .map((entry) => ({
      exit: 'out_of_order',
      subject: entry.tag,
      message: `${entry.tag} is older than ${newest.tag} of the base branch: merged so, it would come late`,
      hint: lateHint,
    }))
}

/** Returns the tags that the bases have: merged files cannot change, so their order is not checked. */
export function mergedTags(folder: string, merged: Base[]): Set<string> {
  return new Set(merged.flatMap((base) => journalAt(folder, base.commit).map(({ tag }) => tag)))
}

function compare(folder: string, base: Base): Fault[] {
  const own = parseJournal(readFileSync(`${folder}/meta/_journal.json`, 'utf8'))
  return [
    ...editedFiles(folder, base.commit),
    ...editedEntries(journalAt(folder, base.commit), own),
    ...mergedLate(folder, journalAt(folder, base.tip), own),
  ]
}

/** Compares with what `findMerged` found, and with the tips of its branches; each fault once. */
export function checkBase(folder: string, merged: Base[]): BaseCheck {
  if (merged.length === 0) {
    const skipped = 'no tag and no other branch: cannot tell whether merged files were changed'
    return { faults: [], skipped }
  }
  const faults = merged.flatMap((base) => compare(folder, base))
  const messages = faults.map(({ message }) => message)
  return { faults: faults.filter(({ message }, index) => messages.indexOf(message) === index) }
}
