export interface JournalEntry {
  idx: number
  tag: string
  when: number
}

/** Entries of meta/_journal.json. Throws on text that drizzle-kit could not have written. */
export function parseJournal(text: string): JournalEntry[] {
  const { entries } = JSON.parse(text) as { entries?: Partial<JournalEntry>[] }
  if (!Array.isArray(entries)) throw new Error('entries: expected a list')
  return entries.map(({ idx, tag, when }, index) => {
    if (typeof idx !== 'number' || typeof tag !== 'string' || typeof when !== 'number') {
      throw new Error(`entry ${index + 1}: expected idx, tag and when`)
    }
    return { idx, tag, when }
  })
}
