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

function childrenOf(pid: string): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  )
}

/**
 * Shared pages are counted in each that maps them: never less than it is. Only the family is looked at: to read all that runs, ten
 * times a second, takes time from what is measured.
 */
function residentOf(pid: string): number {
  try {
    const resident = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0
    return childrenOf(pid).reduce((sum, child) => sum + residentOf(child), Number(resident) / 1_024)
  } catch {
    // It has ended while we looked.
    return 0
  }
}

const lookEveryMs = 100

/** Runs a program to its end; throws with what it said when it failed. */
export async function runMeasured(
  command: string,
  args: string[],
  env: Record<string, string | undefined>,
): Promise<Measured> {
  const begin = performance.now()
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let peakMegabytes = 0
  const look = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, residentOf(String(child.pid)))
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
