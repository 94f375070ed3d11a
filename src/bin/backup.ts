import packageJson from '../../package.json' with { type: 'json' }
import { backupExitCodes } from '../backup/backup-error.ts'
import { requireFolder } from '../backup/backups-folder.ts'
import type { BackupSettings } from '../backup/portable/create-backup.ts'
import { dropDatabaseFromOutside } from '../backup/restore/drop-database.ts'
import { explainFault } from '../backup/explain-fault.ts'
import { findBackup } from '../backup/portable/find-backup.ts'
import { renderList } from '../backup/portable/list-text.ts'
import { parseCommand, type BackupCommand } from '../backup/parse-command.ts'
import { planRestore } from '../backup/restore/plan-restore.ts'
import { restoreBackup } from '../backup/restore/restore-backup.ts'
import { renderOutcome, renderPlan } from '../backup/restore/restore-text.ts'
import { runBackup } from '../backup/portable/run-backup.ts'
import { listStoredBackups } from '../backup/portable/stored-backup.ts'
import { verifyBackup } from '../backup/portable/verify-backup.ts'
import { ConfigError } from '../config/config-error.ts'
import { loadConfig, type Config } from '../config/load.ts'
import { reportFailure } from './report-failure.ts'
import { runBackupSchedule } from './run-backup-schedule.ts'

type BackupConfig = Config<'backup'>
type RestoreCommand = Extract<BackupCommand, { verb: 'restore' }>

const say = (text: string): void => void process.stderr.write(`${text}\n`)
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const settingsOf = (config: BackupConfig): BackupSettings => ({
  database: {
    url: config.DATABASE_URL,
    ca: config.DATABASE_CA_FILE,
    connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
    applicationName: 'slipway-backup',
  },
  backupsFolder: config.BACKUP_FOLDER,
  programs: { folder: config.BACKUP_PG_BIN ?? '', searchPath: process.env['PATH'] ?? '' },
  slipwayVersion: packageJson.version,
  lockTimeoutMs: config.BACKUP_LOCK_TIMEOUT_MS,
  keep: config.BACKUP_KEEP,
})

/** Aborted by the first SIGTERM or SIGINT, so that a command under way cleans up after itself. */
const stopOnSignal = (): AbortSignal => {
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  process.once('SIGINT', () => stop.abort())
  return stop.signal
}

const create = async (settings: BackupSettings): Promise<void> => {
  await requireFolder(settings.backupsFolder, 'write')
  const { manifest, pruned } = await runBackup(settings, stopOnSignal())
  for (const name of pruned) say(`removed ${name}, as BACKUP_KEEP says`)
  say(renderList([{ name: manifest.name, folder: '', manifest, fault: undefined }], new Date()))
  print(manifest.name)
}

const list = async (settings: BackupSettings, isJson: boolean): Promise<void> => {
  await requireFolder(settings.backupsFolder, 'read')
  const stored = await listStoredBackups(settings.backupsFolder)
  print(isJson ? JSON.stringify(stored, null, 2) : renderList(stored, new Date()))
}

const verify = async (settings: BackupSettings, from: string): Promise<void> => {
  const manifest = await verifyBackup(await findBackup(settings.backupsFolder, from), settings.programs)
  print(`${manifest.name}: checksums right, ${manifest.tables.length} tables as in the manifest`)
}

const restore = async (settings: BackupSettings, command: RestoreCommand): Promise<void> => {
  if (command.isDryRun) {
    print(renderPlan(await planRestore(settings, command), new Date()))
    return
  }
  const outcome = await restoreBackup(settings, command, stopOnSignal())
  const dropped = command.isOlderDropped ? outcome.setAside : []
  for (const name of dropped) await dropDatabaseFromOutside(settings.database, name, settings.lockTimeoutMs)
  print(renderOutcome({ ...outcome, setAside: outcome.setAside.filter((name) => !dropped.includes(name)) }))
}

const run = async (command: BackupCommand): Promise<void> => {
  const config = loadConfig('backup', process.env)
  const settings = settingsOf(config)
  if (command.verb === 'create') return create(settings)
  if (command.verb === 'list') return list(settings, command.isJson)
  if (command.verb === 'verify') return verify(settings, command.from)
  if (command.verb === 'restore') return restore(settings, command)
  await requireFolder(settings.backupsFolder, 'write')
  return runBackupSchedule(settings, config)
}

const exitCodeOf = (err: unknown): number => {
  if (err instanceof ConfigError) return reportFailure(err)
  const fault = explainFault(err)
  reportFailure(fault)
  return backupExitCodes[fault.fault]
}

try {
  await run(parseCommand(process.argv.slice(2)))
} catch (err) {
  process.exitCode = exitCodeOf(err)
}
