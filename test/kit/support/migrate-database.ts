import { runMigrations } from '../../../src/kit/migrate/run-migrations.ts'
import { applicationOfProcess, migrationsOf } from './applications.ts'
import { runLimits } from './run-limits.ts'

/** Applies the migrations of the application as `migrator`, with the runner of production. */
export async function migrateDatabase(url: string, application = applicationOfProcess()): Promise<void> {
  await runMigrations({ ...runLimits, url, folder: migrationsOf[application] })
}
