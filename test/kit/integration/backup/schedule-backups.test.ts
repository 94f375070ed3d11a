import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isBackupName } from '../../../../src/kit/backup/portable/backup-name.ts'
import type { BackupSettings } from '../../../../src/kit/backup/portable/create-backup.ts'
import { createMetricsServer } from '../../../../src/kit/telemetry/create-metrics-server.ts'
import { readStoredMetrics } from '../../../../src/kit/backup/portable/stored-metrics.ts'
import { parseSchedule } from '../../../../src/kit/backup/jobs/cron-due.ts'
import { createDumpJob } from '../../../../src/kit/backup/schedule/dump-job.ts'
import { createJobCounts } from '../../../../src/kit/backup/jobs/job-counts.ts'
import { readJobState } from '../../../../src/kit/backup/jobs/job-state.ts'
import { runJobs } from '../../../../src/kit/backup/jobs/run-jobs.ts'
import { createLogger } from '../../../../src/kit/telemetry/logger.ts'
import { undocumentedSeries } from '../../support/undocumented-series.ts'
import { exceptVersion, makeFakeTools } from './fake-tools.ts'
import { postgresTools } from './postgres-tools.ts'
import { runCli, startCli, until } from './run-cli.ts'
import { openToolsServer, type ToolsServer } from './tools-server.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

describe.skipIf(postgresTools === undefined)('backup schedule', () => {
  let server: ToolsServer
  let url: string
  let folder: string

  const settings = (programs = server.tools): BackupSettings => ({
    database: { ...databaseSettings, url },
    backupsFolder: folder,
    programs: { folder: programs, searchPath: process.env['PATH'] ?? '' },
    slipwayVersion: '0.1.0',
    lockTimeoutMs: 1_000,
    hashBudgetMs: 1_000,
    encryption: { isOn: false, recipientsFile: '', identityFile: '', searchPath: '' },
    keep: { hourly: 24, daily: 7, weekly: 5, monthly: 12 },
  })
  const finished = async (): Promise<string[]> => (await readdir(folder)).filter(isBackupName)
  const begin = (options: BackupSettings) => {
    const stop = new AbortController()
    const counts = createJobCounts()
    const lines: string[] = []
    const logger = createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } })
    const loop = runJobs({
      jobs: [createDumpJob(options, { schedule: parseSchedule('15 3 * * *'), offsetMs: 0 })],
      backupsFolder: folder,
      logger,
      counts,
      signal: stop.signal,
      lookEveryMs: 20,
    })
    const end = async (): Promise<void> => {
      stop.abort()
      await loop
    }
    return { counts, lines, end }
  }

  beforeAll(async () => {
    server = await openToolsServer(postgresTools ?? '')
    url = (await server.createDatabase('scheduled'))('backup')
  })
  afterAll(() => server.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-schedule-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('takes one backup when one is due, and no second one', async () => {
    const running = begin(settings())

    await until('a backup is there', async () => (await finished()).length > 0)
    await until('it has looked again', () => running.counts.of('portable_dump', 'ok') === 1)
    await running.end()

    expect(await finished()).toHaveLength(1)
    expect(JSON.parse(running.lines[0] ?? '')).toMatchObject({
      level: 'info',
      msg: 'job done',
      job: 'portable_dump',
      name: (await finished())[0],
    })
  })

  it('logs a failure with its reason, counts it and lives on', async () => {
    const running = begin(
      settings(await makeFakeTools(server.tools, { pg_dump: exceptVersion('pg_dump', 'exit 1') })),
    )

    await until('it has failed', () => running.counts.of('portable_dump', 'failed') === 1)
    await running.end()

    expect(JSON.parse(running.lines[0] ?? '')).toMatchObject({
      level: 'error',
      msg: 'job failed',
      fault: 'failed',
    })
    expect(await readJobState(folder, 'portable_dump')).toMatchObject({
      outcome: 'failed',
      fault: 'failed',
      failures: 1,
    })
    expect(await finished()).toEqual([])
  })

  describe('metrics', () => {
    let http: Server | undefined

    afterEach(() => http?.close())

    const scrape = async (path: string): Promise<{ status: number; text: string }> => {
      http = createMetricsServer(folder, [readStoredMetrics]).listen(0, '127.0.0.1')
      await once(http, 'listening')
      const answer = await fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}${path}`)
      return { status: answer.status, text: await answer.text() }
    }

    it('show a backup that was taken by another process', async () => {
      const env = { DATABASE_URL: url, BACKUP_FOLDER: folder, BACKUP_PG_BIN: server.tools }
      expect((await runCli(['create'], env)).code).toBe(0)

      const { text } = await scrape('/metrics')
      expect(text).toMatch(/^backup_newest_age_seconds \d+(\.\d+)?$/m)
      expect(undocumentedSeries(text)).toEqual([])
    })

    it('answer for liveness, and for nothing else', async () => {
      expect(await scrape('/livez')).toEqual({ status: 200, text: 'ok\n' })
      http?.close()
      expect((await scrape('/')).status).toBe(404)
    })

    it('say so when the folder is gone', async () => {
      await rm(folder, { recursive: true })

      expect((await scrape('/metrics')).status).toBe(500)
    })
  })

  describe('the process', () => {
    const env = (more: Record<string, string> = {}): Record<string, string> => ({
      DATABASE_URL: url,
      BACKUP_FOLDER: folder,
      BACKUP_PG_BIN: server.tools,
      BACKUP_METRICS_HOST: '127.0.0.1',
      BACKUP_METRICS_PORT: '0',
      ...more,
    })

    it('ends with exit code 0 on SIGTERM', async () => {
      const { child, ended } = startCli(['schedule'], env())
      await once(child.stdout ?? child, 'data')
      child.kill('SIGTERM')

      expect(await ended).toMatchObject({ code: 0 })
    })

    it('refuses a schedule that makes no sense, with exit code 2', async () => {
      const ended = await runCli(['schedule'], env({ BACKUP_SCHEDULE: 'every night' }))

      expect(ended).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('BACKUP_SCHEDULE: expected a cron expression') as string,
      })
    })

    it('names every fault of its settings, with exit code 2', async () => {
      const ended = await runCli(['create'], { BACKUP_KEEP_DAILY: 'many', BACKUP_SHEDULE: 'x' })

      expect(ended.code).toBe(2)
      for (const key of ['DATABASE_URL', 'BACKUP_KEEP_DAILY', 'BACKUP_SHEDULE'])
        expect(ended.stderr).toContain(`${key}: `)
    })

    it('refuses a port that is in use', async () => {
      const taken = createServer().listen(0, '127.0.0.1')
      await once(taken, 'listening')

      const ended = await runCli(
        ['schedule'],
        env({ BACKUP_METRICS_PORT: String((taken.address() as AddressInfo).port) }),
      )
      taken.close()

      expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('is in use') as string })
    })
  })
})
