import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandError } from '../../../../src/kit/errors.ts'
import { createJobCounts } from '../../../../src/kit/backup/jobs/job-counts.ts'
import { readJobState, writeJobState } from '../../../../src/kit/backup/jobs/job-state.ts'
import type { Job } from '../../../../src/kit/backup/jobs/job.ts'
import { runJobs } from '../../../../src/kit/backup/jobs/run-jobs.ts'

import { createLogger } from '../../../../src/kit/telemetry/logger.ts'
import { until } from '../../support/until.ts'

function once(state: unknown): boolean {
  return state === undefined
}

describe('the loop of the schedule', () => {
  let backupsFolder: string

  beforeEach(async () => {
    backupsFolder = await mkdtemp(join(tmpdir(), 'slipway-jobs-'))
  })
  afterEach(() => rm(backupsFolder, { recursive: true, force: true }))

  const begin = (jobs: Job[], lookEveryMs = 5) => {
    const stop = new AbortController()
    const counts = createJobCounts()
    const lines: Record<string, unknown>[] = []
    const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>)
    const logger = createLogger({ level: 'info', destination: { write } })
    const loop = runJobs({ jobs, backupsFolder, logger, counts, signal: stop.signal, lookEveryMs })
    const end = async (): Promise<void> => {
      stop.abort()
      await loop
    }
    return { counts, lines, end }
  }

  it('runs what is due in the order of the list, and never two at once', async () => {
    const said: string[] = []
    const job = (name: Job['name']): Job => ({
      name,
      isDue: (_now, state) => once(state),
      run: async () => {
        said.push(`${name} begins`)
        await pause(20)
        said.push(`${name} ends`)
        return {}
      },
    })

    const running = begin([job('portable_dump'), job('drill')])
    await until('both ran', () => said.length >= 4)
    await running.end()

    expect(said).toEqual(['portable_dump begins', 'portable_dump ends', 'drill begins', 'drill ends'])
    expect(running.counts.of('drill', 'ok')).toBe(1)
    expect(await readJobState(backupsFolder, 'drill')).toMatchObject({ outcome: 'ok', failures: 0 })
  })

  it('runs an urgent job as soon as it is due, and the others only after the first interval', async () => {
    const ran: string[] = []
    let looks = 0
    const urgent: Job = {
      name: 'base_full',
      isUrgentAtStart: true,
      isDue: (_now, state) => once(state) && ++looks > 1,
      run: () => Promise.resolve({ ran: ran.push('base_full') }),
    }
    const patient: Job = {
      name: 'portable_dump',
      isDue: () => true,
      run: () => Promise.resolve({ ran: ran.push('portable_dump') }),
    }

    const running = begin([patient, urgent], 60_000)
    await until('the urgent one ran', () => ran.length > 0)
    await running.end()

    expect(ran).toEqual(['base_full'])
  })

  it('goes on with the next job after one that failed, and does not try that one again at once', async () => {
    let tries = 0
    let looks = 0
    const failing: Job = {
      name: 'portable_dump',
      isDue: () => true,
      run: () => {
        tries += 1
        return Promise.reject(new CommandError('no_space', 'the disk is full', { hint: 'free space' }))
      },
    }
    const other: Job = {
      name: 'drill',
      isDue: () => {
        looks += 1
        return false
      },
      run: () => Promise.resolve({}),
    }

    const running = begin([failing, other])
    await until('it looked again', () => looks > 5)
    await running.end()

    expect(tries).toBe(1)
    expect(running.lines[0]).toMatchObject({
      level: 'error',
      msg: 'job failed',
      job: 'portable_dump',
      fault: 'no_space',
      reason: 'the disk is full',
    })
    expect(await readJobState(backupsFolder, 'portable_dump')).toMatchObject({
      outcome: 'failed',
      failures: 1,
    })
  })

  it('remembers a failure that it cannot write down', async () => {
    let tries = 0
    let looks = 0
    await writeFile(join(backupsFolder, 'state'), 'not a folder')
    const failing: Job = {
      name: 'portable_dump',
      isDue: () => true,
      run: () => {
        tries += 1
        return Promise.reject(new CommandError('no_space', 'the disk is full', { hint: 'free space' }))
      },
    }
    const other: Job = { name: 'drill', isDue: () => (looks += 1) < 0, run: () => Promise.resolve({}) }

    const running = begin([failing, other])
    await until('it looked again', () => looks > 5)
    await running.end()

    expect(tries).toBe(1)
  })

  it('counts the run of a process that was killed as a failure', async () => {
    const startedAt = new Date().toISOString()
    await writeJobState(backupsFolder, 'drill', { outcome: 'running', startedAt, failures: 1 })
    let looks = 0
    let tries = 0
    const killed: Job = {
      name: 'drill',
      isDue: () => true,
      run: () => {
        tries += 1
        return Promise.resolve({})
      },
    }
    const other: Job = { name: 'base_full', isDue: () => (looks += 1) < 0, run: () => Promise.resolve({}) }

    const running = begin([killed, other])
    await until('it looked', () => looks > 3)
    await running.end()

    expect(tries).toBe(0)
  })

  it('lives on when a job cannot tell whether it is due', async () => {
    let looks = 0
    const broken: Job = {
      name: 'drill',
      isDue: () => {
        looks += 1
        throw new Error('folder away')
      },
      run: () => Promise.resolve({}),
    }

    const running = begin([broken])
    await until('it asked again', () => looks > 2)
    await running.end()

    expect(running.lines[0]).toMatchObject({ level: 'error', msg: 'cannot tell whether the job is due' })
  })

  it('neither counts nor reports as failed a job that gave way', async () => {
    let tries = 0
    const yielding: Job = {
      name: 'portable_dump',
      isDue: () => true,
      run: () => {
        tries += 1
        return Promise.reject(new CommandError('busy', 'a migration waits', { hint: 'it comes again' }))
      },
    }

    const running = begin([yielding])
    await until('it was noted', async () => {
      const state = await readJobState(backupsFolder, 'portable_dump')
      return state?.outcome === 'yielded'
    })
    await running.end()

    expect(tries).toBe(1)
    expect(running.counts.of('portable_dump', 'failed')).toBe(0)
    expect(running.lines[0]).toMatchObject({ level: 'info', msg: 'job yielded' })
    expect(await readJobState(backupsFolder, 'portable_dump')).toMatchObject({ failures: 0 })
  })

  it('ends the job under way when it is told to stop, and notes it as cancelled', async () => {
    let isUnderWay = false
    const long: Job = {
      name: 'drill',
      isDue: () => true,
      run: async (signal) => {
        isUnderWay = true
        await pause(60_000, undefined, { signal })
        return {}
      },
    }

    const running = begin([long])
    await until('it runs', () => isUnderWay)
    await running.end()

    expect(await readJobState(backupsFolder, 'drill')).toMatchObject({ outcome: 'cancelled', failures: 0 })
  })
})
