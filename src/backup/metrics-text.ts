import { readLastRun, type LastRun } from './schedule/last-run.ts'
import type { RunCounts } from './schedule/schedule-backups.ts'
import { listStoredBackups, type StoredBackup } from './portable/stored-backup.ts'

interface Observed {
  /** The newest first. */
  stored: StoredBackup[]
  lastRun: LastRun | undefined
  counts: RunCounts
  now: Date
}

type Samples = [labels: string, value: number][]

const family = (name: string, type: 'gauge' | 'counter', help: string, samples: Samples): string =>
  [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ].join('\n')

const secondsOf = (time: string): number => Date.parse(time) / 1_000

const ofNewest = ({ stored, now }: Observed): string[] => {
  const manifest = stored.find(({ fault }) => fault === undefined)?.manifest
  if (manifest === undefined) return []
  const createdAt = secondsOf(manifest.createdAt)
  return [
    family('backup_newest_timestamp_seconds', 'gauge', 'Snapshot time of the newest verified backup.', [
      ['', createdAt],
    ]),
    family('backup_newest_age_seconds', 'gauge', 'Age of the newest verified backup.', [
      ['', now.getTime() / 1_000 - createdAt],
    ]),
    family('backup_newest_duration_seconds', 'gauge', 'How long the newest verified backup took.', [
      ['', manifest.durationMs / 1_000],
    ]),
    family('backup_newest_size_bytes', 'gauge', 'Size of the newest verified dump.', [
      ['', manifest.dump.bytes],
    ]),
  ]
}

const ofRuns = ({ lastRun, counts }: Observed): string[] => [
  family('backup_runs_total', 'counter', 'Scheduled backups of this process, by outcome.', [
    ['{outcome="ok"}', counts.ok],
    ['{outcome="failed"}', counts.failed],
  ]),
  family('backup_last_run_failed', 'gauge', '1 when the last backup, scheduled or by hand, failed.', [
    ['', lastRun?.outcome === 'failed' ? 1 : 0],
  ]),
]

const ofStored = ({ stored }: Observed): string => {
  const faulty = stored.filter(({ fault }) => fault !== undefined).length
  return family(
    'backup_stored',
    'gauge',
    'Backups in the folder, by whether their files still fit their manifest.',
    [
      ['{state="intact"}', stored.length - faulty],
      ['{state="damaged"}', faulty],
    ],
  )
}

/** Written by hand, since every figure is read from the folder at the time of the scrape and none is kept in memory. */
export const renderBackupMetrics = (observed: Observed): string =>
  `${[...ofNewest(observed), ...ofRuns(observed), ofStored(observed)].join('\n')}\n`

export const readBackupMetrics = async (backupsFolder: string, counts: RunCounts): Promise<string> =>
  renderBackupMetrics({
    stored: await listStoredBackups(backupsFolder),
    lastRun: await readLastRun(backupsFolder),
    counts,
    now: new Date(),
  })
