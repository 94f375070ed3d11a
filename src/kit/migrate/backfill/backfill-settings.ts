import type { Session } from '../open-session.ts'

export interface BackfillSettings {
  session: Session
  /** Rows per transaction. */
  batchSize: number
  /** At least this between batches, and at least as long as the batch took: half of the time belongs to the application. */
  pauseMs: number
  /** Start over, also when it has finished or its file has changed. */
  restart?: boolean
  report: (event: BackfillEvent) => void
  signal?: AbortSignal | undefined
}

export interface BackfillEvent {
  event:
    | 'backfill_begin'
    | 'backfill_progress'
    | 'backfill_retry'
    | 'backfill_done'
    | 'backfill_stopped'
    | 'backfill_present'
  msg: string
  backfill: string
  [field: string]: unknown
}
