import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive } from '../../../src/kit/postgres/postmaster-pid.ts'
import { killProcessesIn } from './processes-in.ts'

const prefix = 'slipway-drill-'

function mountsIn(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((at) => at === folder || at.startsWith(`${folder}/`))
    .reverse()
}

const tries = 500

/** Again and again: one that is about to be killed may have begun another. */
function killAllIn(folder: string): void {
  for (let n = 0; n < tries && killProcessesIn(folder) > 0; n += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  }
}

/** Kills what lives in it, unmounts what is mounted in it, removes it. */
function clear(folder: string): void {
  killAllIn(folder)
  for (const at of mountsIn(folder)) execFileSync('umount', ['--lazy', at])
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

/** What an earlier drill left that was killed hard. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]
    if (owner !== undefined && !isAlive(Number(owner))) clear(join(tmpdir(), name))
  }
}

export interface ScratchFolder {
  path: string
  remove: () => void
}

/** A folder for everything that a stage starts and mounts; gone with this process, however it ends. */
export async function openScratchFolder(): Promise<ScratchFolder> {
  sweep()
  const path = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
  // The server's user must pass through.
  await chmod(path, 0o711)
  const atExit = (): void => clear(path)
  process.once('exit', atExit)
  return {
    path,
    remove: () => {
      process.off('exit', atExit)
      clear(path)
    },
  }
}
