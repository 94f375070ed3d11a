import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'

export interface Measured {
  seconds: number
  /** The most memory that the process and its children held at one moment. */
  peakMegabytes: number
  stdout: string
}

const field = (pid: string, name: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
}

/** Shared pages are counted in each that maps them: never less than it is. */
const residentOf = (root: number): number => {
  const parents = new Map<number, { parent: number; kilobytes: number }>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(Number(pid), { parent: field(pid, 'PPid'), kilobytes: field(pid, 'VmRSS') })
    } catch {
      // It has ended while we looked.
    }
  }
  const isOurs = (pid: number): boolean =>
    pid === root || (parents.has(pid) && isOurs(parents.get(pid)?.parent ?? 0))
  return [...parents].reduce((sum, [pid, { kilobytes }]) => (isOurs(pid) ? sum + kilobytes : sum), 0) / 1_024
}

const lookEveryMs = 100

/** Runs a program to its end; throws with what it said when it failed. */
export const runMeasured = async (
  command: string,
  args: string[],
  env: Record<string, string | undefined>,
): Promise<Measured> => {
  const begin = performance.now()
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let peakMegabytes = 0
  const look = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, residentOf(child.pid ?? 0))
  }, lookEveryMs)
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    text(child.stdout),
    text(child.stderr),
  ])
  clearInterval(look)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? 'a signal'}: ${stderr}`)
  return { seconds: (performance.now() - begin) / 1_000, peakMegabytes, stdout }
}
