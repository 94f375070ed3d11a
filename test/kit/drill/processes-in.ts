import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

function names(pid: string, file: string, folder: string): boolean {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8')
    .split(/[\0=]/)
    .some((word) => word === folder || word.startsWith(`${folder}/`))
}

function isIn(folder: string, pid: string): boolean {
  try {
    const at = readlinkSync(`/proc/${pid}/cwd`)
    // A postmaster has the folder for an argument and for its home; its children keep the home alone; the API has
    // it in its environment.
    return at.startsWith(folder) || ['cmdline', 'environ'].some((name) => names(pid, name, folder))
  } catch {
    // It ended while we looked, or is a zombie.
    return false
  }
}

/** Processes that live in a folder; synchronous, because the last moment of a process has no other. */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && isIn(folder, name))
    .map(Number)
}

/** Says how many there were. */
export function killProcessesIn(folder: string): number {
  const found = processesIn(folder)
  for (const pid of found) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone already, which is all that is wanted.
    }
  }
  return found.length
}
