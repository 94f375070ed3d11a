import { acceptsOrder } from './accept-order.ts'
import type { ExitName } from '../errors.ts'
import type { MigrationFile } from './read-migrations.ts'

/** A row of drizzle.__drizzle_migrations. */
export interface JournalRow {
  hash: string
  /** Drizzle's `created_at`; NULL only when an operator wrote the row by hand. */
  when: number | null
}

export interface Finding {
  code:
    | 'edited'
    | 'out_of_order'
    | 'future_dated'
    | 'other_history'
    | 'line_endings'
    | 'retimed'
    | 'ahead'
    | 'unknown'
    | 'duplicate'
  /** Absent for a warning. */
  exit?: ExitName
  /** Tag of the file, or `created_at` of the row. */
  subject: string
  message: string
  hint: string
}

export interface Plan {
  applied: MigrationFile[]
  /** In journal order; files that are out of order are among them. */
  pending: MigrationFile[]
  findings: Finding[]
}

export interface PlanOptions {
  allowOutOfOrder?: boolean | undefined
  /** Now, in milliseconds. */
  now?: number
}

/** Clocks of laptops and servers differ a little; a `when` beyond this is a mistake. */
export const clockToleranceMs = 5 * 60_000

type Match = 'same' | 'line_endings' | 'edited' | 'retimed'

/** Pairs each file with one row: first by both marks, then by `when`, then by hash. Each row is used once. */
function pairUp(files: MigrationFile[], rows: JournalRow[]) {
  const free = new Set(rows)
  const matches = new Map<MigrationFile, Match>()
  const pair = (match: Match, fits: (file: MigrationFile, row: JournalRow) => boolean): void => {
    for (const file of files) {
      if (matches.has(file)) continue
      const row = [...free].find((each) => fits(file, each))
      if (row === undefined) continue
      free.delete(row)
      matches.set(file, match)
    }
  }
  pair('same', (file, row) => row.when === file.when && row.hash === file.hash)
  pair('line_endings', (file, row) => row.when === file.when && file.otherLineEndingHashes.includes(row.hash))
  pair('edited', (file, row) => row.when === file.when)
  pair('retimed', (file, row) => row.hash === file.hash)
  return { matches, leftOver: [...free] }
}

function editedHint(file: MigrationFile): string {
  return `restore the file as it was applied and write the change as a new migration; if the database is right as it is, record the file: UPDATE drizzle.__drizzle_migrations SET hash = '${file.hash}' WHERE created_at = ${file.when}`
}

function findingOfMatch(file: MigrationFile, match: Match): Finding[] {
  if (match === 'edited') {
    const message = `${file.tag} was edited after it was applied`
    return [{ code: 'edited', exit: 'edited', subject: file.tag, message, hint: editedHint(file) }]
  }
  if (match === 'line_endings') {
    const message = `${file.tag} differs from what was applied in its line endings only`
    const hint = 'keep *.sql at LF on every machine: a line `*.sql text eol=lf` in .gitattributes does it'
    return [{ code: 'line_endings', subject: file.tag, message, hint }]
  }
  if (match === 'retimed') {
    const message = `${file.tag} was applied under another time than its journal entry has now`
    const hint = `put the old "when" back into meta/_journal.json: plain drizzle-kit would apply the file again`
    return [{ code: 'retimed', subject: file.tag, message, hint }]
  }
  return []
}

function findingsOfRows(leftOver: JournalRow[], files: MigrationFile[]): Finding[] {
  const newest = Math.max(0, ...files.map((file) => file.when))
  return leftOver.map((row): Finding => {
    const subject = String(row.when)
    if (files.some((file) => file.hash === row.hash && file.when === row.when)) {
      const message = `the journal holds ${subject} more than once: two migrators ran it at the same time`
      const hint = 'look whether its data changes were made twice, then delete the second row'
      return { code: 'duplicate', subject, message, hint }
    }
    if (row.when !== null && row.when > newest) {
      const message = `the database is ahead: it has ${subject}, which is later than every file of this image`
      return { code: 'ahead', subject, message, hint: 'an older image is running: nothing to do' }
    }
    const message = `the database has ${subject}, for which this image holds no file`
    const hint = 'right for an image older than a late merge; otherwise restore the file from the history'
    return { code: 'unknown', subject, message, hint }
  })
}

const orderHint =
  'on the branch, give the file a new time: delete it with its snapshot and journal entry, then npm run db:generate; to apply it late all the same, say why in the file: -- slipway:allow out-of-order: REASON; once: up --allow-out-of-order'

/**
 * Plain Drizzle compares `when` with the newest row and skips files that are not later: such files must be reported.
 * In a new database, files are applied in journal order whatever their times.
 */
function findingsOfPending(pending: MigrationFile[], rows: JournalRow[], now: number): Finding[] {
  const newest = Math.max(0, ...rows.map((row) => row.when ?? 0))
  return pending.flatMap((file): Finding[] => {
    const isFuture = file.when > now + clockToleranceMs
    const isLate = file.when <= newest
    const base = { exit: 'out_of_order', subject: file.tag, hint: orderHint } as const
    if (isLate) {
      const message = `${file.tag} is out of order: a migration with a later time is applied`
      const finding = { ...base, code: 'out_of_order', message } as const
      return [acceptsOrder(file.statements.join('\n')) ? downgrade(finding) : finding]
    }
    if (!isFuture) return []
    const message = `${file.tag} is dated in the future (${new Date(file.when).toISOString()}): everything written until then would be out of order`
    return [{ ...base, code: 'future_dated', message }]
  })
}

const historyHint =
  'check out the code that made these data, or begin with data of its own: EMBEDDED_DATA_DIR=.data/other make up, or in the stack another COMPOSE_PROJECT_NAME in .env'

/** The journal belongs to another branch or project: a new time or a later image would not fix that. */
function findingsOfHistory(matched: number, rows: JournalRow[]): Finding[] {
  if (matched > 0 || rows.length === 0) return []
  const message = `the data belong to another history: of the ${rows.length} migrations that the database records none is in this folder`
  return [
    {
      code: 'other_history',
      exit: 'other_history',
      subject: String(rows[0]?.when),
      message,
      hint: historyHint,
    },
  ]
}

function downgrade({ code, subject, message, hint }: Finding): Finding {
  return { code, subject, message, hint }
}

/** Compares all rows with all files. Pure: the caller reads both. */
export function makePlan(files: MigrationFile[], rows: JournalRow[], options: PlanOptions = {}): Plan {
  const { matches, leftOver } = pairUp(files, rows)
  const pending = files.filter((file) => !matches.has(file))
  const order = findingsOfPending(pending, rows, options.now ?? Date.now())
  return {
    applied: files.filter((file) => matches.has(file)),
    pending,
    findings: [
      ...findingsOfHistory(matches.size, rows),
      ...[...matches].flatMap(([file, match]) => findingOfMatch(file, match)),
      ...findingsOfRows(leftOver, files),
      ...(options.allowOutOfOrder === true ? order.map(downgrade) : order),
    ],
  }
}
