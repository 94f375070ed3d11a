/** One thing that happened. Names leave the process, so they are snake_case; values are names, codes and figures, never SQL. */
export interface MigrateEvent {
  event:
    | 'waiting_for_database'
    | 'plan'
    | 'warning'
    | 'lock_wait'
    | 'file_begin'
    | 'lock_retry'
    | 'index_dropped'
    | 'index_kept'
    | 'file_applied'
    | 'up_to_date'
    | 'done'
    | 'failed'
  msg: string
  [field: string]: unknown
}

export type Report = (event: MigrateEvent) => void
