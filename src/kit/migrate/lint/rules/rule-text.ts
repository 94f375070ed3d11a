export interface RuleText {
  /** The effect on a live database: lower case, no full stop. */
  sentence: string
  /** The safe way to get there. */
  hint: string
  /** Shown, but does not refuse the file. */
  warning?: true
  /** A fault of the file itself, which no reason makes right. */
  final?: true
}

export const autocommitHeader =
  'put it into a file of its own that starts with `COMMIT;--> statement-breakpoint`'
export const contract =
  'release code that no longer uses it first, then remove it in a later release with an acknowledgement'
export const batches = 'change rows in batches of 1,000 to 5,000 with the backfill service'
