/** The hourly dump as the schedule runs it, looking at its clock all the time; a process of its own, because its clock is moved. */
import { createDumpJob } from '../../../../src/kit/backup/schedule/dump-job.ts'
import { parseSchedule } from '../../../../src/kit/backup/jobs/cron-due.ts'
import { createJobCounts } from '../../../../src/kit/backup/jobs/job-counts.ts'
import { runJobs } from '../../../../src/kit/backup/jobs/run-jobs.ts'
import { createLogger } from '../../../../src/kit/telemetry/logger.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

function need(key: string): string {
  const value = process.env[key]
  if (value === undefined) throw new Error(`${key} is missing`)
  return value
}

const searchPath = need('PATH')
const backupsFolder = need('BACKUP_FOLDER')
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())

const job = createDumpJob(
  {
    database: { ...databaseSettings, url: need('DATABASE_URL'), applicationName: 'slipway-drill' },
    backupsFolder,
    programs: { folder: need('BACKUP_PG_BIN'), searchPath },
    slipwayVersion: 'drill',
    lockTimeoutMs: 5_000,
    hashBudgetMs: 5_000,
    encryption: { isOn: false, recipientsFile: '', identityFile: '', searchPath },
    keep: { hourly: 24, daily: 7, weekly: 5, monthly: 12 },
  },
  { schedule: parseSchedule('7 * * * *'), offsetMs: 0 },
)

/** Says which time it has after each look, so that the drill knows that a jump was seen. */
const look: typeof job.isDue = async (now, state) => {
  const isDue = await job.isDue(now, state)
  process.stdout.write(`looked ${now.getTime()} ${isDue}\n`)
  return isDue
}

await runJobs({
  jobs: [{ ...job, isDue: look }],
  backupsFolder,
  logger: createLogger({ level: 'error' }),
  counts: createJobCounts(),
  signal: stop.signal,
  lookEveryMs: 200,
})
