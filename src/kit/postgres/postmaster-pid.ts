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

/** An orphan stays a zombie when process 1 does not reap: it still answers signals. */
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

/** Checks the working folder: a postmaster runs in its data folder, a process that reuses its pid does not. */
async function isPostmasterOf(pid: number, dataFolder: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  if (process.platform !== 'linux') return true
  return (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) === (await realpath(dataFolder))
}

/** Returns the postmaster's status, such as `ready` or `standby`; '' before it reports one. */
export async function postmasterStatus(dataFolder: string, pid: number): Promise<string> {
  const lines = await readLines(dataFolder)
  return lines !== undefined && Number(lines[pidLine]) === pid ? (lines[statusLine]?.trim() ?? '') : ''
}

/** Stops the server: fast shutdown, then immediate, then SIGKILL, each with its own time limit. */
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

/** Stops the server of a killed supervisor, or removes a pid file whose pid belongs to another process. */
export async function stopOrphan(dataFolder: string): Promise<'none' | 'stopped' | 'cleared'> {
  const lines = await readLines(dataFolder)
  if (lines === undefined) return 'none'
  const pid = Number(lines[pidLine])
  const stopped = await isPostmasterOf(pid, dataFolder)
  if (stopped) await stopPostmaster(pid)
  await rm(fileOf(dataFolder), { force: true })
  return stopped ? 'stopped' : 'cleared'
}
