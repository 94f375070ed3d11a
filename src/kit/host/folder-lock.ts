import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { CommandError } from '../errors.ts'

const commonLock = '.lock'
const heartbeatMs = 5_000
/** A lock holder on another host (a replaced container) counts as dead after this silence. */
const silentMs = 60_000
const nameWithinMs = 1_000
const nameAskedEveryMs = 20

const ownerSchema = z.object({
  host: z.string(),
  pid: z.int(),
  startedAt: z.string(),
  since: z.string(),
  why: z.string(),
})
type Owner = z.infer<typeof ownerSchema>

/**
 * Returns the start time of a process, which tells it from a later one with the same pid; '' when there is no such
 * process.
 */
async function startOf(pid: number): Promise<string> {
  try {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ')
    // A zombie holds no lock.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '')
  } catch {
    return ''
  }
}

async function ownerOf(lock: string): Promise<Owner | undefined> {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(await readFile(join(lock, 'owner.json'), 'utf8')))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** Waits for the owner file, which the process that takes the lock writes a moment later. */
async function ownerSoon(lock: string): Promise<Owner | undefined> {
  for (let elapsedMs = 0; elapsedMs < nameWithinMs; elapsedMs += nameAskedEveryMs) {
    const owner = await ownerOf(lock)
    if (owner !== undefined) return owner
    await wait(nameAskedEveryMs)
  }
  return undefined
}

async function isSilent(lock: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(lock)).mtimeMs > silentMs
  } catch {
    return true
  }
}

async function isHeld(lock: string, owner: Owner | undefined): Promise<boolean> {
  if (owner?.host !== hostname()) return !(await isSilent(lock))
  return owner.startedAt !== '' && (await startOf(owner.pid)) === owner.startedAt
}

function busy(owner: Owner | undefined): CommandError {
  return new CommandError(
    'busy',
    `the backups folder is in use: ${owner?.why ?? 'unknown'} since ${owner?.since ?? 'now'} (process ${owner?.pid ?? '?'} on ${owner?.host ?? '?'})`,
    { hint: 'wait until it has ended and try again' },
  )
}

function isTaken(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'EEXIST'
}

async function makeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock)
    return true
  } catch (err) {
    if (isTaken(err)) return false
    throw err
  }
}

/** Renames the lock first, so that only one of two processes that find the same dead lock replaces it. */
async function removeDeadLock(lock: string): Promise<void> {
  const aside = `${lock}.dead-${process.pid}-${Date.now()}`
  await rename(lock, aside).catch(() => undefined)
  await rm(aside, { recursive: true, force: true })
}

export interface FolderLock {
  release: () => Promise<void>
}

async function hold(lock: string, why: string): Promise<FolderLock> {
  const owner: Owner = {
    host: hostname(),
    pid: process.pid,
    startedAt: await startOf(process.pid),
    since: new Date().toISOString(),
    why,
  }
  await writeFile(join(lock, 'owner.json'), JSON.stringify(owner))
  const heartbeat = setInterval(() => {
    const now = new Date()
    utimes(lock, now, now).catch(() => undefined)
  }, heartbeatMs)
  heartbeat.unref()
  return {
    release: async () => {
      clearInterval(heartbeat)
      await rm(lock, { recursive: true, force: true })
    },
  }
}

/**
 * Locks the folder for this process. Throws CommandError `busy` when a live process holds the lock, and removes the
 * lock of a dead one.
 */
export async function lockFolder(folder: string, why: string, name = commonLock): Promise<FolderLock> {
  const lock = join(folder, name)
  if (await makeLock(lock)) return hold(lock, why)
  const owner = await ownerSoon(lock)
  if (await isHeld(lock, owner)) throw busy(owner)
  await removeDeadLock(lock)
  if (await makeLock(lock)) return hold(lock, why)
  throw busy(await ownerSoon(lock))
}
