import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContinuousSettings } from '../../src/kit/backup/continuous/continuous-settings.ts'
import type { OffsiteSettings } from '../../src/kit/backup/offsite/offsite-settings.ts'
import { createJobCounts } from '../../src/kit/backup/jobs/job-counts.ts'
import { createBackupMetrics } from '../../src/kit/bin/backup/backup-metrics.ts'
import { writeRunMetrics } from '../../src/kit/migrate/write-run-metrics.ts'
import { createMetrics, type MetricDescription } from '../../src/kit/telemetry/metrics.ts'

/** What the API has in its registry. */
export function listApiMetrics(): MetricDescription[] {
  return createMetrics({ version: '', revision: '' }).describe()
}

async function inEmptyFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-metrics-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const offsite: OffsiteSettings = {
  endpoint: 'https://localhost',
  bucket: 'none',
  region: '',
  prefix: '',
  caFile: undefined,
  accessKeyId: '',
  secretAccessKey: '',
  idleTimeoutMs: 1,
  searchPath: '',
}

function continuousIn(folder: string): ContinuousSettings {
  return {
    database: { url: 'postgres://localhost/none', applicationName: '', connectTimeoutMs: 0 },
    backupsFolder: folder,
    dataFolder: folder,
    runFolder: folder,
    configScript: '',
    environment: {},
    searchPath: '',
    serverPrograms: '',
  }
}

/** What the backup service exports with everything switched on. */
export function listBackupMetrics(): Promise<MetricDescription[]> {
  return inEmptyFolder(async (backupsFolder) => {
    const continuous = continuousIn(backupsFolder)
    const about = { scheduled: [], counts: createJobCounts(), isEncrypted: true }
    const scrape = { backupsFolder, now: new Date() }
    const readers = createBackupMetrics({ ...about, continuous, offsite })
    const families = (await Promise.all(readers.map((read) => read(scrape)))).flat()
    return families.map(({ name, type, help, labels = [] }) => ({ name, type, help, labels }))
  })
}

/** What a run of the migrator leaves for node-exporter. */
export function listMigrationMetrics(): Promise<MetricDescription[]> {
  return inEmptyFolder(async (folder) => {
    const file = join(folder, 'run.prom')
    writeRunMetrics(file, { isSuccess: true, durationMs: 0, applied: 0 })
    const text = await readFile(file, 'utf8')
    return [...text.matchAll(/^# HELP (\w+) (.+)\n# TYPE \w+ (\w+)$/gm)].map(
      ([, name = '', help = '', type = '']) => ({ name, type, help, labels: [] }),
    )
  })
}
