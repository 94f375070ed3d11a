import { eq, sql } from 'drizzle-orm'
import type { Database } from '#kit/database'
import { preparedOnce } from '#kit/prepared-once'
import { preferences } from './schema.ts'
import { defaultPreferences, toPreferences, type Preferences } from './preferences.ts'

const byUser = preparedOnce((db) =>
  db
    .select()
    .from(preferences)
    .where(eq(preferences.userId, sql.placeholder('userId')))
    .prepare('get_preferences'),
)

/** Returns the user's preferences, or the defaults as version 0 when none were saved. */
export async function getPreferences(db: Database, userId: string): Promise<Preferences> {
  const [row] = await byUser(db).execute({ userId })
  return row === undefined ? defaultPreferences : toPreferences(row)
}
