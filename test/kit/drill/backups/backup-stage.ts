import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { dumpKeys } from '../../../../src/kit/backup/portable/dump-keys.ts'
import type { MetricFamily } from '../../../../src/kit/telemetry/metric-family.ts'
import { listStoredBackups, type StoredBackup } from '../../../../src/kit/backup/portable/stored-backup.ts'
import { readStoredMetrics } from '../../../../src/kit/backup/portable/stored-metrics.ts'
import { verifyBackup } from '../../../../src/kit/backup/portable/verify-backup.ts'
import { createJobCounts } from '../../../../src/kit/backup/jobs/job-counts.ts'
import { createJobMetrics } from '../../../../src/kit/backup/jobs/job-metrics.ts'
import { createAgeKey, encryptFor } from '../../integration/backup/age-keys.ts'
import { openRestoreStage, tableName, type RestoreStage } from '../../integration/backup/restore-stage.ts'
import { runCli, startCli, type Ended, type Started } from '../../integration/backup/run-cli.ts'
import { fingerprint } from './fingerprint.ts'

type CliRole = 'backup' | 'migrator'

/** A server with a live database, and encrypted backups of it. */
export interface BackupStage {
  base: RestoreStage
  /** For what has to outlive a fault, such as a mounted disk. */
  scratch: string
  /** Of age and the programs of PostgreSQL. */
  tools: { age: string; postgres: string }
  folder: string
  /** For copies and whatever a fault needs; emptied before each. */
  work: string
  /** The name of a good backup, older than the live data. */
  backup: string
  /** What the live database holds once that backup is restored. */
  backedUp: string
  live: () => Promise<string>
  /** So that what is live is not what was backed up. */
  changeLive: () => Promise<void>
  settings: (role: CliRole, more?: Record<string, string>) => Record<string, string>
  run: (role: CliRole, args: string[], more?: Record<string, string>) => Promise<Ended>
  start: (role: CliRole, args: string[], more?: Record<string, string>) => Started
  /** Reads it to its last byte: why it is not good, or undefined. */
  faultIn: (backup: StoredBackup) => Promise<string | undefined>
  metric: (folder: string, name: string, labels?: Record<string, string>) => Promise<number | undefined>
  close: () => Promise<void>
}

export interface StageTools {
  postgres: string
  age: string
  /** For a server on a disk of its own, whose log is elsewhere. */
  place?: { home: string; logFolder: string }
}

const rows = 300_000
const rowsOnSmallDisk = 40_000

function prepareTable(count: number, width: number): string {
return `create table big as select n, repeat(md5(random()::text), ${width}) as text from generate_series(1, ${count}) n`
}

function sampleOf(families: MetricFamily[], name: string, labels: Record<string, string>) {
return families
    .find((family) => family.name === name)
    ?.samples.find((sample) =>
      Object.entries(labels).every(([key, value]) => sample.labels?.[key] === value),
    )?.value
}

export const readMetric: BackupStage['metric'] = async (folder, name, labels = {}) => {
  const scrape = { backupsFolder: folder, now: new Date() }
  const stored = await readStoredMetrics(scrape)
  const jobs = await createJobMetrics([], createJobCounts())(scrape)
  return sampleOf([...stored, ...jobs], name, labels)
}

export async function openBackupStage(scratch: string, tools: StageTools): Promise<BackupStage> {
  const prepare = tools.place === undefined ? prepareTable(rows, 1) : prepareTable(rowsOnSmallDisk, 20)
  const base = await openRestoreStage(tools.postgres, {
    databaseName: 'drilled live',
    prepare: async (sql) => {
      await sql.unsafe(prepare)
    },
    ...tools.place,
  })
  const keysFolder = join(scratch, 'keys')
  const work = join(scratch, 'work')
  for (const folder of [keysFolder, work]) await mkdir(folder, { recursive: true })
  const keys = await encryptFor(keysFolder, createAgeKey(tools.age), createAgeKey(tools.age))
  const searchPath = `${tools.age}:${process.env['PATH'] ?? ''}`
  const settings: BackupStage['settings'] = (role, more) =>
    base.settings(role, { PATH: searchPath, ...keys, ...more })
  const live = (): Promise<string> => base.inLive('postgres', fingerprint)
  await base.makeLive()
  // A copied sequence thinks that numbers ahead are in the log, which they are in that of its template: after a crash it would
  // give them out again.
  await base.inLive('postgres', async (sql) => {
    await sql`select setval(pg_get_serial_sequence(${tableName}, 'id'), 100)`
  })
  // The one that the stage begins with is in plain.
  await rm(join(base.folder, base.backup), { recursive: true })
  // Of a reason of its own: those that the faults take do not push it out.
  const created = await runCli(['create', '--reason', 'before_upgrade'], settings('backup'))
  if (created.code !== 0) throw new Error(created.stderr)
  const identityFile = keys['BACKUP_AGE_IDENTITY_FILE'] ?? ''
  return {
    base,
    scratch,
    tools,
    folder: base.folder,
    work,
    backup: created.stdout,
    backedUp: await live(),
    live,
    changeLive: () =>
      base.inLive('postgres', async (sql) => {
        await sql.unsafe(`insert into ${tableName} (note) values ('later')`)
      }),
    settings,
    run: (role, args, more) => runCli(args, settings(role, more)),
    start: (role, args, more) => startCli(args, settings(role, more)),
    faultIn: (backup) =>
      verifyBackup(
        backup,
        { folder: tools.postgres, searchPath },
        dumpKeys({ isOn: true, recipientsFile: '', identityFile, searchPath }),
      ).then(
        () => undefined,
        (err: unknown) => `${backup.name}: ${inspect(err)}`,
      ),
    metric: readMetric,
    close: async () => {
      await base.dropAll()
      await base.close()
    },
  }
}

export function storedIn(folder: string): Promise<StoredBackup[]> {
return listStoredBackups(folder)
}
