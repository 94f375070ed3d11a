import { spawnSync } from 'node:child_process'
import { rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { whyNoMount } from '../small-volume.ts'
import type { BackupFault } from './backup-fault.ts'
import { endingOf } from './kill-at-random.ts'

/** Enough for an empty database and not for the rows of this one. */
const roomBytes = 20 * 1024 * 1024

const fillDisk: BackupFault['run'] = async (stage) => {
  const disk = dirname(stage.base.server.dataFolder)
  const filler = join(disk, 'filler')
  // What is still in memory alone would need its room later, of all times when the half-made database is dropped.
  await stage.base.admin`checkpoint`
  const { bavail, bsize } = await statfs(disk)
  spawnSync('fallocate', ['-l', String(bavail * bsize - roomBytes), filler])
  const ended = await stage.run('migrator', ['restore', '--from', stage.backup])
  await rm(filler)
  return { ended: endingOf(ended), stderr: ended.stderr }
}

export const smallDiskFaults: readonly BackupFault[] = [
  {
    name: 'restore: volume of the data full',
    expected: '51',
    sentence: /^error: .*No space left on device.*\nhint: /m,
    missing: whyNoMount,
    run: fillDisk,
  },
]
