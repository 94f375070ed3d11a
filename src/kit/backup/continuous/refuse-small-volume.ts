import { statfs } from 'node:fs/promises'
import { CommandError } from '../../errors.ts'

const mebibyte = 1024 * 1024

/** Throws CommandError when the volume lacks space: a restore must not fill the disk of the live cluster. */
export async function refuseSmallVolume(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (freeBytes >= neededBytes) return
  throw new CommandError(
    'no_space',
    `the disk of the volumes has ${Math.floor(freeBytes / mebibyte)} MiB free, and the cluster with its WAL needs ${Math.ceil(neededBytes / mebibyte)} MiB`,
    { hint: 'free space: docker volume ls shows data that former restores have kept' },
  )
}
