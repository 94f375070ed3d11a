import type { KeyTable } from './key-row.ts'

export const backupKeys = {
  BACKUP_FOLDER: {
    type: 'text',
    group: 'Backups',
    help: 'Where backups land. In the container a mount of ./backups.',
    usedBy: ['backup'],
    default: '/backups',
  },
  BACKUP_SCHEDULE: {
    type: 'cron',
    group: 'Backups',
    help: 'When backups are due, as a cron expression in UTC. A run that was missed or failed is made up for.',
    usedBy: ['backup'],
    default: '15 3 * * *',
  },
  BACKUP_KEEP: {
    type: 'integer',
    group: 'Backups',
    help: 'How many verified backups are kept; older ones go after a backup that succeeded, and only then.',
    usedBy: ['backup'],
    default: '14',
    min: 1,
  },
  BACKUP_LOCK_TIMEOUT_MS: {
    type: 'milliseconds',
    group: 'Backups',
    help: 'A dump gives up when a table stays locked for this long, instead of holding up whoever queues behind it.',
    usedBy: ['backup'],
    default: '10000',
    min: 1,
  },
  BACKUP_PG_BIN: {
    type: 'text',
    group: 'Backups',
    help: 'Folder of pg_dump and pg_restore, of the major of the server. The search path when not set.',
    usedBy: ['backup'],
    optional: true,
  },
  BACKUP_METRICS_HOST: {
    type: 'text',
    group: 'Backups',
    help: 'Address on which the schedule answers /metrics and /livez.',
    usedBy: ['backup'],
    default: '0.0.0.0',
  },
  BACKUP_METRICS_PORT: {
    type: 'port',
    group: 'Backups',
    help: 'Port for /metrics and /livez of the schedule.',
    usedBy: ['backup'],
    default: '9465',
  },
} as const satisfies KeyTable
