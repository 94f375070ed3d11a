import type { KeyTable } from './key-row.ts'

export const embeddedKeys = {
  EMBEDDED_DATA_DIR: {
    type: 'text',
    group: 'Embedded',
    help: 'Folder for everything that `make up` keeps where no engine answers: database, passwords, log.',
    usedBy: ['embedded'],
    default: '.data',
  },
  EMBEDDED_POSTGRES_PORT: {
    type: 'port',
    group: 'Embedded',
    help: 'Port of the embedded PostgreSQL on 127.0.0.1. Without it a free one is chosen and remembered.',
    usedBy: ['embedded'],
    optional: true,
    min: 1,
  },
} as const satisfies KeyTable
