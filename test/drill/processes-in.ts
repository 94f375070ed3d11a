import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const isIn = (folder: string, pid: string): boolean => {
  try {
    const at = readlinkSync(`/proc/${pid}/cwd`)
    // A postmaster has the folder for an argument and for its home; its children keep the home alone.
    return at.startsWith(folder) || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/`)
  } catch {
    // It ended while we looked, or is a zombie.
    return false
  }
}

/** Processes that live in a folder; synchronous, because the last moment of a process has no other. */
export const processesIn = (folder: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && isIn(folder, name))
    .map(Number)

export const killProcessesIn = (folder: string): void => {
  for (const pid of processesIn(folder)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone already, which is all that is wanted.
    }
  }
}
