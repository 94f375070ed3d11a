/** The verbs of migrate whose tools (git, drizzle-kit, squawk, an embedded PostgreSQL) are in a checkout and in no image. */
import { checkMigrations } from '../../migrate/command/check-migrations.ts'
import type { Outcome } from '../../migrate/command/outcome.ts'
import { needHint, needSentence } from '../../migrate/find-path-needs.ts'
import { writeFingerprint } from '../../migrate/write-fingerprint.ts'
import { usualLimits } from './run-limits.ts'
import { onDisposableServer } from './rehearsal-server.ts'

/** Runs all files on a disposable server and writes the fingerprint of the catalog. */
export async function fingerprintFolder(folder: string): Promise<Outcome> {
  const written = await onDisposableServer(({ migrator: url }) =>
    writeFingerprint({ ...usualLimits(), url, folder }),
  )
  const { tag, catalog, pathNeeds = [] } = written
  const lines = catalog.length
  const warnings = pathNeeds.map((need) => `warning: ${needSentence(need)}\n  hint: ${needHint(need)}`)
  const text = [...warnings, `wrote ${lines} lines for ${tag}`].join('\n')
  return { exit: 'ok', json: { exit: 'ok', tag, lines, pathNeeds }, text }
}

/** Judges the files of `folder` without a database; `base` is the branch or tag whose files are not judged. */
export function checkFolder(folder: string, base: string | undefined): Promise<Outcome> {
  return checkMigrations({ folder, base })
}
