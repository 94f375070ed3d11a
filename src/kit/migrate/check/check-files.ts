import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { acceptsOrder } from '../accept-order.ts'
import { clockToleranceMs } from '../make-plan.ts'
import { findUnread } from '../refuse-unread.ts'
import type { Fault } from './fault.ts'
import { parseJournal, type JournalEntry } from './read-journal-file.ts'

const repair = 'delete the newest migration with its snapshot and journal entry, then npm run db:generate'

function fault(subject: string, message: string, hint: string): Fault {
  return {
    exit: 'usage',
    subject,
    message,
    hint,
  }
}

function snapshotName(entry: JournalEntry): string {
  return `${entry.tag.split('_')[0] ?? ''}_snapshot.json`
}

const orderHint = `${repair}; or say in the file why it may come late: -- slipway:allow out-of-order: REASON`

function isAccepted(folder: string, tag: string): boolean {
  return existsSync(`${folder}/${tag}.sql`) && acceptsOrder(readFileSync(`${folder}/${tag}.sql`, 'utf8'))
}

function checkOrder(folder: string, entries: JournalEntry[], now: number): Fault[] {
  let newest: JournalEntry | undefined
  return entries.flatMap((entry): Fault[] => {
    const before = newest
    if (before === undefined || entry.when > before.when) newest = entry
    const base = { exit: 'out_of_order', subject: entry.tag, hint: repair } as const
    if (before !== undefined && entry.when <= before.when) {
      const message = `${entry.tag} is not later than ${before.tag}: plain drizzle-kit would skip it`
      return isAccepted(folder, entry.tag) ? [] : [{ ...base, hint: orderHint, message }]
    }
    if (entry.when <= now + clockToleranceMs) return []
    const date = new Date(entry.when).toISOString()
    return [
      { ...base, message: `${entry.tag} is dated in the future (${date}): it would freeze all that follow` },
    ]
  })
}

function repeated(values: (string | number)[]): (string | number)[] {
  return values.filter((value, index) => values.indexOf(value) !== index)
}

function checkNumbers(entries: JournalEntry[]): Fault[] {
  return [
    ...repeated(entries.map((entry) => entry.tag)).map((tag) =>
      fault('meta/_journal.json', `the journal names ${tag} twice`, 'keep one of the two entries'),
    ),
    ...entries
      .filter((entry, index) => entry.idx !== index)
      .map((entry) =>
        fault(
          'meta/_journal.json',
          `${entry.tag} has idx ${entry.idx} and stands elsewhere in the journal`,
          repair,
        ),
      ),
  ]
}

function checkPresence(folder: string, entries: JournalEntry[]): Fault[] {
  const snapshots = new Set(entries.map(snapshotName))
  const missing = entries.flatMap((entry) =>
    [`${entry.tag}.sql`, `meta/${snapshotName(entry)}`].filter((path) => !existsSync(`${folder}/${path}`)),
  )
  const straySnapshots = readdirSync(`${folder}/meta`).filter(
    (name) => name.endsWith('_snapshot.json') && !snapshots.has(name),
  )
  return [
    ...missing.map((path) =>
      fault(path, `${path} is missing and the journal names it`, 'restore it from git'),
    ),
    ...straySnapshots.map((name) =>
      fault(
        `meta/${name}`,
        `meta/${name} is not in the journal: nothing would ever apply it`,
        'add it with npm run db:generate',
      ),
    ),
  ]
}

/** Two branches that both generated from the same snapshot leave a fork, of which drizzle-kit then sees one side only. */
function checkSnapshots(folder: string, entries: JournalEntry[]): Fault[] {
  let previousId: string | undefined
  return entries.flatMap((entry): Fault[] => {
    const path = `meta/${snapshotName(entry)}`
    if (!existsSync(`${folder}/${path}`)) return []
    const { id, prevId } = JSON.parse(readFileSync(`${folder}/${path}`, 'utf8')) as {
      id: string
      prevId: string
    }
    const isFork = previousId !== undefined && prevId !== previousId
    previousId = id
    return isFork ? [fault(path, `${path} was not generated from the snapshot before it`, repair)] : []
  })
}

function checkLineEndings(folder: string, entries: JournalEntry[]): Fault[] {
  return entries
    .filter(({ tag }) => existsSync(`${folder}/${tag}.sql`))
    .filter(({ tag }) => readFileSync(`${folder}/${tag}.sql`, 'utf8').includes('\r\n'))
    .map(({ tag }) =>
      fault(
        `${tag}.sql`,
        `${tag}.sql has CRLF line endings: its hash differs from machine to machine`,
        'write it with LF',
      ),
    )
}

/** Checks that journal, files and snapshots agree; the order of `merged` files is not checked. */
export function checkFiles(folder: string, now: number, merged = new Set<string>()): Fault[] {
  const path = 'meta/_journal.json'
  const unread = findUnread(folder).map(({ path: file, message, hint }) => fault(file, message, hint))
  try {
    const entries = parseJournal(readFileSync(`${folder}/${path}`, 'utf8'))
    const order = checkOrder(folder, entries, now).filter(({ subject }) => !merged.has(subject))
    return [unread, checkNumbers(entries), checkPresence(folder, entries), order]
      .concat([checkSnapshots(folder, entries), checkLineEndings(folder, entries)])
      .flat()
  } catch (err) {
    const hint = 'resolve merge conflicts in it, or restore it from git'
    return [...unread, fault(path, `the folder cannot be read: ${(err as Error).message}`, hint)]
  }
}
