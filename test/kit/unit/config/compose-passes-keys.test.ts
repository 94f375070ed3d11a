import { expect, it } from 'vitest'
import { keys } from '../../../../src/kit/config/keys.ts'
import type { KeyRow } from '../../../../src/kit/config/key-row.ts'
import { composeEnvironment } from '../../support/compose-environment.ts'

/** Facts of the image or of the container's networks: an operator who sets them in .env could only break the stack. */
const setByImage = [
  'DATABASE_URL',
  'DATABASE_CA_FILE',
  'HTTP_HOST',
  'HTTP_PORT',
  'METRICS_HOST',
  'METRICS_PORT',
  'DOCS_SCRIPT_PATH',
  'REVISION',
  'MIGRATE_FOLDER',
  'BACKUP_FOLDER',
  'BACKUP_PG_BIN',
  'BACKUP_DRILL_FOLDER',
  'BACKUP_DATA_FOLDER',
  'BACKUP_RUN_FOLDER',
  'BACKUP_ARCHIVE_CONFIG',
  'BACKUP_AGE_RECIPIENTS_FILE',
  'BACKUP_AGE_IDENTITY_FILE',
  'BACKUP_METRICS_HOST',
  'BACKUP_METRICS_PORT',
]

it.each([
  ['api', 'server'],
  ['migrate', 'migrate'],
  ['backup', 'backup'],
] as const)('compose.prod.yaml › hands %s every setting that .env may hold for it', (service, process) => {
  const rows = Object.entries(keys) as [string, KeyRow][]
  const names = rows
    .filter(([name, row]) => row.usedBy.includes(process) && !setByImage.includes(name))
    .map(([name, row]) => (row.secret === true ? `${name}_FILE` : name))

  const missing = names.filter((name) => !new RegExp(`^ {6}${name}:`, 'm').test(composeEnvironment(service)))

  expect(names.length).toBeGreaterThan(2)
  expect(missing).toEqual([])
})
