import { findDrift } from '../find-drift.ts'
import { readMigrations } from '../read-migrations.ts'
import type { RunSettings } from '../run-settings.ts'
import { withSession } from '../with-session.ts'
import type { Outcome } from './outcome.ts'

function hintFor(isAhead: boolean): string {
  return isAhead
    ? 'hint: the database is ahead of this folder: compare with the image that applied the newest migration'
    : 'hint: write what is extra as a migration, or undo it by hand'
}

/** The live catalog against the fingerprint: - is expected and not there, + is there and not expected. */
export async function showDrift(settings: RunSettings): Promise<Outcome> {
  const files = readMigrations(settings.folder)
  const drift = await withSession(settings, (session) => findDrift(session, files, settings.folder))
  const lines = [...drift.missing.map((line) => `- ${line}`), ...drift.extra.map((line) => `+ ${line}`)]
  const isSame = lines.length === 0
  return {
    exit: isSame ? 'ok' : 'drift',
    json: { exit: isSame ? 'ok' : 'drift', ...drift },
    text: isSame ? 'no drift' : [...lines, hintFor(drift.isAhead)].join('\n'),
  }
}
