import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from '../../support/until.ts'
import { launchWithClock, shiftClock, whyNoClock } from '../api-launch.ts'
import type { BackupFault } from './backup-fault.ts'
import type { BackupStage } from './backup-stage.ts'

const entry = fileURLToPath(new URL('./clocked-schedule.ts', import.meta.url))
const hour = 3_600
/** Retention never goes below. */
const kept = 3
const year = 365 * 24 * hour

interface Look {
  /** How far its clock was from ours. */
  aheadSeconds: number
  isDue: boolean
}

async function openSchedule(stage: BackupStage) {
  const { env } = await launchWithClock(stage.work)
  const child = spawn(process.execPath, [entry], {
    env: { ...stage.settings('backup'), ...env, BACKUP_FOLDER: stage.work },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const looks: Look[] = []
  let said = ''
  child.stdout.on('data', (text: Buffer) => {
    for (const [, at, due] of String(text).matchAll(/^looked (\d+) (\w+)$/gm)) {
      looks.push({ aheadSeconds: (Number(at) - Date.now()) / 1_000, isDue: due === 'true' })
    }
  })
  child.stderr.on('data', (text: Buffer) => (said += String(text)))
  const ended = once(child, 'exit') as Promise<[number | null]>
  return { child, looks, ended, said: () => said }
}

function namesIn(folder: string): string[] {
return readdirSync(folder).filter((name) => /^\d{8}T\d{6}Z-\w+$/.test(name)).sort()
}

/** How many may come with each step of the clock: a missed one is made up for once, and one noted in the future counts for nothing. */
const steps: [seconds: number, most: number][] = [
  [0, 1],
  [hour, 1],
  [0, 0],
  [-hour, 1],
  [0, 0],
  [year, 1],
  [0, 0],
]

const jumpAround: BackupFault['run'] = async (stage) => {
  const schedule = await openSchedule(stage)
  let before: string[] = []
  for (const [seconds, most] of steps) {
    await shiftClock(stage.work, seconds)
    schedule.looks.length = 0
    await until(
      `the schedule has nothing more to do ${seconds} s ahead`,
      () => schedule.looks.some(({ aheadSeconds, isDue }) => !isDue && Math.abs(aheadSeconds - seconds) < 30),
      { deadlineMs: 60_000, explain: schedule.said },
    )
    const now = namesIn(stage.work)
    const taken = now.filter((name) => !before.includes(name)).length
    const isNewestLost = before.length > 0 && !now.includes(before.at(-1) ?? '')
    if (taken > most || (seconds > 0 && taken === 0) || isNewestLost || now.length < Math.min(before.length, kept)) {
      throw new Error(`${seconds} s ahead: ${taken} taken (at most ${most}), ${now.length} left of ${before.length}`)
    }
    before = now
  }
  schedule.child.kill('SIGTERM')
  const [code] = await schedule.ended
  return { ended: String(code), stderr: schedule.said() }
}

export const scheduleFaults: readonly BackupFault[] = [
  {
    name: 'clock an hour and a year ahead, an hour behind',
    expected: '0',
    missing: whyNoClock,
    run: jumpAround,
  },
]
