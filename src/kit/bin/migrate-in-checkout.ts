import { checkMigrations } from '../migrate/command/check-migrations.ts'
import type { Outcome } from '../migrate/command/outcome.ts'
import { needHint, needSentence } from '../migrate/find-path-needs.ts'
import { writeFingerprint } from '../migrate/write-fingerprint.ts'
import type { MigrateArgs } from './parse-migrate-args.ts'
import { onThrowAwayServer } from './rehearsal-server.ts'

const fingerprint = async (folder: string): Promise<Outcome> => {
  const written = await onThrowAwayServer(({ migrator: url }) => writeFingerprint({ url, folder }))
  const { tag, catalog, pathNeeds = [] } = written
  const lines = catalog.length
  const warnings = pathNeeds.map((need) => `warning: ${needSentence(need)}\n  hint: ${needHint(need)}`)
  const text = [...warnings, `wrote ${lines} lines for ${tag}`].join('\n')
  return { exit: 'ok', json: { exit: 'ok', tag, lines, pathNeeds }, text }
}

/** The commands whose tools (git, drizzle-kit, squawk, an embedded PostgreSQL) are in a checkout and in no image. */
export const runInCheckout = ({ command, base }: MigrateArgs, folder: string): Promise<Outcome> =>
  command === 'check'
    ? checkMigrations({ folder, base: base ?? process.env['MIGRATION_BASE'] })
    : fingerprint(folder)
