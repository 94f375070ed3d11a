import { statfs } from 'node:fs/promises'
import { CommandError } from '../errors.ts'

const mebibyte = 1024 * 1024
const floorBytes = 32 * mebibyte

/**
 * Estimates the next dump: 1.5 times the last one; without one, half of the database, since a dump has no indexes and
 * is compressed.
 */
export function estimateDumpBytes(databaseBytes: number, lastDumpBytes: number | undefined): number {
  return floorBytes + Math.ceil(lastDumpBytes === undefined ? databaseBytes * 0.5 : lastDumpBytes * 1.5)
}

function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / mebibyte)} MiB`
}

/** Throws CommandError `no_space` when the folder's disk has fewer than `neededBytes` free. */
export async function refuseFullDisk(
  folder: string,
  neededBytes: number,
  what = 'the dump may need',
): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (freeBytes >= neededBytes) return
  throw new CommandError(
    'no_space',
    `the disk of the backups has ${inMebibytes(freeBytes)} free and ${what} ${inMebibytes(neededBytes)}`,
    { hint: 'free space, or lower the BACKUP_KEEP_ counts' },
  )
}
