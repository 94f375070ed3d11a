import { fileURLToPath } from 'node:url'
import { runMigrations } from '../../../src/kit/migrate/run-migrations.ts'

const folder = fileURLToPath(new URL('../../../migrations', import.meta.url))

/** Applies the migrations of this checkout as `migrator`, with the runner of production. */
export const migrateDatabase = async (url: string): Promise<void> => {
  await runMigrations({ url, folder })
}
