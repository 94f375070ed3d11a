import { statfs } from 'node:fs/promises'
import { CommandError } from '../../errors.ts'

const mebibyte = 1024 * 1024
/** Bytes that the drill leaves free on the disk it shares with the live database. */
const reserveBytes = 256 * mebibyte
const lookEveryMs = 500

function tooFull(freeBytes: number, neededBytes: number): CommandError {
  return new CommandError(
    'no_space',
    `the volume of the drill has ${Math.floor(freeBytes / mebibyte)} MiB free and needs ${Math.ceil(neededBytes / mebibyte)} MiB`,
    {
      hint: 'free space on the disk of the engine (docker system df); the drill restores the whole database beside the live one',
    },
  )
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Throws CommandError when the restored database does not fit on the volume. */
export async function refuseSmallVolume(folder: string, databaseBytes: number): Promise<void> {
  const [freeBytes, neededBytes] = [await freeBytesOf(folder), reserveBytes + Math.ceil(databaseBytes * 1.3)]
  if (freeBytes < neededBytes) throw tooFull(freeBytes, neededBytes)
}

/**
 * Aborts the drill before it uses the disk space of the live database. Returns a function that stops the
 * watch.
 */
export function watchSpace(folder: string, abort: (reason: CommandError) => void): () => void {
  const timer = setInterval(() => {
    freeBytesOf(folder).then(
      (freeBytes) => {
        if (freeBytes < reserveBytes / 2) abort(tooFull(freeBytes, reserveBytes / 2))
      },
      () => undefined,
    )
  }, lookEveryMs)
  return () => clearInterval(timer)
}
