import { baseline } from '../baseline.ts'
import { CommandError } from '../../errors.ts'
import { readMigrations } from '../read-migrations.ts'
import type { RunSettings } from '../run-settings.ts'
import { withSession } from '../with-session.ts'
import type { Outcome } from './outcome.ts'

/** Records the files up to `tag` without running them. */
export async function recordBaseline(settings: RunSettings, tag: string | undefined): Promise<Outcome> {
  const files = readMigrations(settings.folder)
  if (tag === undefined) {
    throw new CommandError('usage', 'baseline needs --to', {
      hint: `for example: baseline --to ${files.at(-1)?.tag ?? 'TAG'}`,
    })
  }
  const patience = {
    waitMs: settings.lockWaitMs,
    report: settings.report ?? (() => undefined),
    signal: settings.signal,
  }
  const recorded = await withSession(settings, (session) => baseline(session, files, tag, patience))
  const text = `recorded ${recorded.length} migrations up to ${tag}; nothing was run`
  return { exit: 'ok', json: { exit: 'ok', recorded }, text }
}
