import type { KeyTable } from './key-row.ts'

export const migrateKeys = {
  MIGRATE_FOLDER: {
    type: 'text',
    group: 'Migrations',
    help: 'Folder that drizzle-kit writes to: *.sql and meta/. The image carries its own.',
    usedBy: ['migrate'],
    default: 'migrations',
  },
  MIGRATE_CONNECT_WAIT_MS: {
    type: 'milliseconds',
    group: 'Migrations',
    help: 'How long to wait for a database that gives no answer before exit 22. One that says that it is starting is waited for.',
    usedBy: ['migrate'],
    default: '60000',
    min: 0,
  },
  MIGRATE_LOCK_WAIT_MS: {
    type: 'milliseconds',
    group: 'Migrations',
    help: 'How long to wait for another migrator or a dump to end before exit 20.',
    usedBy: ['migrate'],
    default: '600000',
    min: 0,
  },
  MIGRATE_LOCK_TIMEOUT_MS: {
    type: 'milliseconds',
    group: 'Migrations',
    help: 'Longest wait for a table lock in one attempt: whatever queues behind the migration waits as long. Below deadlock_timeout (1 s).',
    usedBy: ['migrate'],
    default: '500',
    min: 10,
    max: 900,
  },
  MIGRATE_LOCK_BUDGET_MS: {
    type: 'milliseconds',
    group: 'Migrations',
    help: 'Time that failed attempts and their pauses may take in one run before exit 21.',
    usedBy: ['migrate'],
    default: '600000',
    min: 1,
  },
  MIGRATE_STATEMENT_TIMEOUT_MS: {
    type: 'milliseconds',
    group: 'Migrations',
    help: 'PostgreSQL ends a statement of a migration after this time.',
    usedBy: ['migrate'],
    default: '600000',
    min: 1,
  },
  MIGRATE_METRICS_FILE: {
    type: 'text',
    group: 'Migrations',
    help: 'File for a textfile collector with the outcome, time and duration of the last run. The stack sets it.',
    usedBy: ['migrate'],
    optional: true,
  },
} as const satisfies KeyTable
