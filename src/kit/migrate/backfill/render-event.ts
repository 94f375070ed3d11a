import type { BackfillEvent } from './backfill-settings.ts'

/** Returns to the first column and clears what the progress line left there. */
const overwrite = '\r\u001b[K'

/** For a terminal: sentences, and progress on one line. */
export function renderEvent(event: BackfillEvent): string {
  const { backfill, msg } = event
  const figure = (field: string): string => String(event[field])
  switch (event.event) {
    case 'backfill_progress':
      return `${overwrite}${backfill}: ${figure('percent')} %, ${figure('passed')} rows passed, ${figure('changed')} changed`
    case 'backfill_retry':
      return `${overwrite}${backfill}: ${msg} (attempt ${figure('attempt')})`
    case 'backfill_done':
    case 'backfill_stopped':
      return `${overwrite}${backfill}: ${msg}: ${figure('passed')} rows passed, ${figure('changed')} changed\n`
    default:
      return `${overwrite}${backfill}: ${msg}\n`
  }
}
