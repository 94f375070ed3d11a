import { readFileSync } from 'node:fs'
import { readFile, readlink, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '../errors.ts'

/** Lines of postmaster.pid, counted from 0 (src/include/miscadmin.h of PostgreSQL). */
const pidLine = 0
const statusLine = 7

function fileOf(dataFolder: string): string {
  return join(dataFolder, 'postmaster.pid')
}

async function readLines(dataFolder: string): Promise<string[] | undefined> {
  const text = await readFile(fileOf(dataFolder), 'utf8').catch(() => undefined)
  return text?.split('\n')
}

/** An orphan stays a zombie where process 1 reaps nobody: it answers signals and is dead all the same. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return !isZombie(pid)
}

/** A postmaster lives in its data folder; a process that merely got the same number does not. */
async function isPostmasterOf(pid: number, dataFolder: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  if (process.platform !== 'linux') return true
  return (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) === (await realpath(dataFolder))
}

/** What the postmaster with this number says of itself, such as `ready` or `standby`; '' before it says anything. */
export async function postmasterStatus(dataFolder: string, pid: number): Promise<string> {
  const lines = await readLines(dataFolder)
  return lines !== undefined && Number(lines[pidLine]) === pid ? (lines[statusLine]?.trim() ?? '') : ''
}

/** Fast shutdown, then immediate, then the hard way; each within its time. */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGINT', 20],
    ['SIGQUIT', 5],
    ['SIGKILL', 5],
  ] as const) {
    if (!isAlive(pid)) return
    process.kill(pid, signal)
    const deadline = Date.now() + seconds * 1_000
    while (isAlive(pid) && Date.now() < deadline) await wait(20)
  }
  if (isAlive(pid)) throw new AppError('internal', `PostgreSQL with pid ${pid} did not stop`)
}

/** Ends the server that a killed supervisor left behind, and clears a pid file whose number now belongs to somebody else. */
export async function stopOrphan(dataFolder: string): Promise<'none' | 'stopped' | 'cleared'> {
  const lines = await readLines(dataFolder)
  if (lines === undefined) return 'none'
  const pid = Number(lines[pidLine])
  const stopped = await isPostmasterOf(pid, dataFolder)
  if (stopped) await stopPostmaster(pid)
  await rm(fileOf(dataFolder), { force: true })
  return stopped ? 'stopped' : 'cleared'
}
