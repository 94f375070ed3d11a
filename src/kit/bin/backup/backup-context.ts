import packageJson from '../../../../package.json' with { type: 'json' }
import type { BackupSettings } from '../../backup/portable/create-backup.ts'
import type { ContinuousSettings } from '../../backup/continuous/continuous-settings.ts'
import type { OffsiteSettings } from '../../backup/offsite/offsite-settings.ts'
import { createProgress, eraseLine } from '../../host/progress.ts'
import { loadConfig, type Config } from '../../config/load.ts'
import type { Terminal } from '../process/terminal.ts'

/** What every verb of the backup command works on. */
export interface BackupContext extends Terminal {
  config: Config<'backup'>
  settings: BackupSettings
  continuous: ContinuousSettings
  /** undefined where no off-site storage is configured. */
  offsite: OffsiteSettings | undefined
}

const isWatched = process.stderr.isTTY
function write(text: string): void {
  process.stderr.write(text)
}

function settingsOf(config: Config<'backup'>): BackupSettings {
  return {
    database: {
      url: config.DATABASE_URL,
      ca: config.DATABASE_CA_FILE,
      connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
      applicationName: 'slipway-backup',
    },
    backupsFolder: config.BACKUP_FOLDER,
    programs: { folder: config.BACKUP_PG_BIN ?? '', searchPath: process.env['PATH'] ?? '' },
    slipwayVersion: packageJson.version,
    encryption: {
      isOn: config.BACKUP_ENCRYPTION,
      recipientsFile: config.BACKUP_AGE_RECIPIENTS_FILE,
      identityFile: config.BACKUP_AGE_IDENTITY_FILE,
      searchPath: process.env['PATH'] ?? '',
    },
    hashBudgetMs: config.BACKUP_HASH_BUDGET_MS,
    lockTimeoutMs: config.BACKUP_LOCK_TIMEOUT_MS,
    keep: {
      hourly: config.BACKUP_KEEP_HOURLY,
      daily: config.BACKUP_KEEP_DAILY,
      weekly: config.BACKUP_KEEP_WEEKLY,
      monthly: config.BACKUP_KEEP_MONTHLY,
    },
    progress: isWatched ? createProgress({ write, nowMs: () => performance.now() }) : undefined,
  }
}

/** Read by archive-config.sh itself, in the container of the server as well. */
const archiveVariables = [
  'ARCHIVE_SECRETS',
  'OFFSITE_S3_ENDPOINT',
  'OFFSITE_S3_BUCKET',
  'OFFSITE_S3_REGION',
  'OFFSITE_S3_PREFIX',
  'OFFSITE_S3_CA_FILE',
]

function continuousOf(config: Config<'backup'>): ContinuousSettings {
  const { database, backupsFolder } = settingsOf(config)
  const given = archiveVariables.flatMap((name) => {
    const value = process.env[name]
    return value === undefined || value === '' ? [] : [[name, value] as const]
  })
  return {
    database,
    backupsFolder,
    dataFolder: config.BACKUP_DATA_FOLDER,
    runFolder: config.BACKUP_RUN_FOLDER,
    configScript: config.BACKUP_ARCHIVE_CONFIG,
    environment: Object.fromEntries(given),
    searchPath: process.env['PATH'] ?? '',
    serverPrograms: config.BACKUP_PG_BIN ?? '',
  }
}

/** src/kit/config has seen to it that all of them are set, or none. */
function offsiteOf(config: Config<'backup'>): OffsiteSettings | undefined {
  const { OFFSITE_S3_ENDPOINT: endpoint, OFFSITE_S3_BUCKET: bucket } = config
  const { OFFSITE_S3_ACCESS_KEY_ID: accessKeyId, OFFSITE_S3_SECRET_ACCESS_KEY: secretAccessKey } = config
  if (endpoint === undefined || bucket === undefined) return undefined
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  return {
    ...{ endpoint, bucket, accessKeyId, secretAccessKey },
    region: config.OFFSITE_S3_REGION,
    prefix: config.OFFSITE_S3_PREFIX ?? '',
    caFile: config.OFFSITE_S3_CA_FILE,
    idleTimeoutMs: config.OFFSITE_TIMEOUT_MS,
    bandwidthKibPerSecond: config.OFFSITE_BANDWIDTH_KIB_PER_SECOND,
    searchPath: process.env['PATH'] ?? '',
  }
}

export function loadBackupContext(): BackupContext {
  const config = loadConfig('backup', process.env)
  return {
    config,
    settings: settingsOf(config),
    continuous: continuousOf(config),
    offsite: offsiteOf(config),
    // A line of progress may stand there.
    say: (text) => write(`${isWatched ? eraseLine : ''}${text}\n`),
    print: (text) => void process.stdout.write(`${text}\n`),
  }
}
