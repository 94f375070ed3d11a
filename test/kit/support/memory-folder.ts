import { rmSync } from 'node:fs'
import { chmod, mkdtemp, readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { homePrefix, sweepLeftovers } from './sweep-leftovers.ts'

const memory = '/dev/shm'
const gibibyte = 1024 ** 3
/** A run uses less than one; the rest is for the machine's other work. */
const wanted = { free: 4 * gibibyte, available: 8 * gibibyte }

/** Whether /dev/shm is a tmpfs with room, from which programs may be started. */
async function isUsable(): Promise<boolean> {
  try {
    const mounts = await readFile('/proc/self/mounts', 'utf8')
    const options = new RegExp(`^\\S+ ${memory} tmpfs (\\S+)`, 'm').exec(mounts)?.[1]?.split(',') ?? ['ro']
    const { bavail, bsize } = await statfs(memory)
    return (
      !options.includes('ro') &&
      !options.includes('noexec') &&
      bavail * bsize > wanted.free &&
      process.availableMemory() > wanted.available
    )
  } catch {
    // Not Linux.
    return false
  }
}

/**
 * Points TMPDIR of this run at a folder in memory: a cluster of PostgreSQL is 1,000 files, which cost ext4 seven times the CPU
 * time of tmpfs. Does nothing where the caller has set TMPDIR or memory is short. The folder is removed with this process.
 */
export async function setup(): Promise<void> {
  if (process.env['TMPDIR'] !== undefined || !(await isUsable())) return
  await sweepLeftovers(memory)
  const folder = await mkdtemp(join(memory, `${homePrefix}${process.pid}-`))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }))
  // As /tmp: servers run under another account.
  await chmod(folder, 0o1777)
  process.env['TMPDIR'] = folder
}
