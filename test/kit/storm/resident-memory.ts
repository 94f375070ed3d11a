import { readFileSync } from 'node:fs'

const mebibyte = 1024 * 1024

/** Memory of a process that is in RAM now, in MiB. */
export function residentMemory(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kibibytes) * 1024) / mebibyte
}

/** Looks ten times a second; `stop` returns the most there was. */
export function watchMemory(pid: number): { stop: () => number } {
  let most = residentMemory(pid)
  const timer = setInterval(() => (most = Math.max(most, residentMemory(pid))), 100)
  return {
    stop: () => {
      clearInterval(timer)
      return Math.max(most, residentMemory(pid))
    },
  }
}
