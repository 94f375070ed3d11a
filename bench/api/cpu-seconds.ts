import { readFileSync } from 'node:fs'

// USER_HZ; 100 on every Linux that Node runs on.
const ticksPerSecond = 100

/** Processor time that a process has used so far, all threads, user and system. NaN where there is no /proc. */
export const cpuSeconds = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in brackets may hold spaces; utime and stime are fields 14 and 15 of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return Number.NaN
  }
}
