import { and, eq, sql } from 'drizzle-orm'
import type { Database } from '#kit/database'
import { preferences } from './schema.ts'
import { toPreferences, type Preferences, type PreferencesInput } from './preferences.ts'
import { staleVersion } from '#kit/refusals'

/**
 * Replaces the whole document. With `expectedVersion` only when it is the current version (0: none saved); without it
 * the last writer wins.
 */
export async function putPreferences(
  db: Database,
  userId: string,
  settings: PreferencesInput,
  expectedVersion?: number,
): Promise<Preferences> {
  const [row] = await writeFor(expectedVersion)(db, userId, settings)
  if (row === undefined) throw staleVersion('preferences')
  return toPreferences(row)
}

type Write = (
  db: Database,
  userId: string,
  settings: PreferencesInput,
) => Promise<(typeof preferences.$inferSelect)[]>

function writeFor(expectedVersion: number | undefined): Write {
  if (expectedVersion === undefined) return insertOrReplace
  return expectedVersion === 0 ? insertOnly : replaceVersion(expectedVersion)
}

function replacement(settings: PreferencesInput) {
  return {
    settings,
    version: sql`${preferences.version} + 1`,
    updatedAt: sql`now()`,
  }
}

const insertOrReplace: Write = (db, userId, settings) =>
  db
    .insert(preferences)
    .values({ userId, settings })
    .onConflictDoUpdate({ target: preferences.userId, set: replacement(settings) })
    .returning()

const insertOnly: Write = (db, userId, settings) =>
  db.insert(preferences).values({ userId, settings }).onConflictDoNothing().returning()

function replaceVersion(version: number): Write {
  return (db, userId, settings) =>
    db
      .update(preferences)
      .set(replacement(settings))
      .where(and(eq(preferences.userId, userId), eq(preferences.version, version)))
      .returning()
}
