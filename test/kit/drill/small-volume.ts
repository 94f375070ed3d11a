import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A file system of a known size that a fault can fill. */
export interface SmallVolume {
  path: string
  /** Takes every free byte. */
  fill: () => void
  /** Gives them back, as deleting the ballast file of the runbook does. */
  free: () => void
}

const chunk = Buffer.alloc(1 << 16)

/** Writes until the volume says no, and keeps what was written. */
function writeToTheEnd(file: string): void {
  const ballast = openSync(file, 'w')
  let size = 0
  try {
    for (;;) size += writeSync(ballast, chunk)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOSPC') throw err
    ftruncateSync(ballast, size)
  } finally {
    closeSync(ballast)
  }
}

export function whyNoMount(): string | undefined {
  return process.platform === 'linux' && process.getuid?.() === 0 ? undefined : 'mounting needs root on Linux'
}

/** Unmounted by whoever clears the folder above it. */
export async function mountSmallVolume(path: string, megabytes: number): Promise<SmallVolume> {
  await mkdir(path, { recursive: true, mode: 0o711 })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=711`, 'slipway-drill', path])
  const file = join(path, 'ballast')
  return { path, fill: () => writeToTheEnd(file), free: () => rmSync(file, { force: true }) }
}
