import { backupKeys } from './backup-keys.ts'
import { composeKeys } from './compose-keys.ts'
import { databaseKeys } from './database-keys.ts'
import { embeddedKeys } from './embedded-keys.ts'
import { migrateKeys } from './migrate-keys.ts'
import { offsiteKeys } from './offsite-keys.ts'
import { serverKeys } from './server-keys.ts'

/**
 * Every setting of every process: parser, `.env.example` and docs/reference/configuration.md come from here, in this
 * order. Each room of settings has its own file, so that a new row lands in one place.
 */
export const keys = {
  ...serverKeys,
  ...databaseKeys,
  ...migrateKeys,
  ...backupKeys,
  ...offsiteKeys,
  ...embeddedKeys,
  ...composeKeys,
} as const

/** An unknown variable with one of these prefixes is reported as a typing error. */
export const ourPrefixes = [
  'HTTP_',
  'DATABASE_',
  'AUTH_',
  'LOG_',
  'METRICS_',
  'MIGRATE_',
  'BACKUP_',
  'OFFSITE_',
  'PUBLIC_',
] as const

/** Variables of other programs that start with one of these prefixes. */
export const foreignKeys: readonly string[] = ['HTTP_PROXY']
