import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Ended, Started } from '../../integration/backup/run-cli.ts'

export function endingOf({ code, signal }: Pick<Ended, 'code' | 'signal'>): string {
return signal ?? String(code ?? 'unknown')
}

const tries = 10

/**
 * Starts something and breaks it after a random part of the time that it takes; one that was over before it broke is
 * started again. Not a wait for something: the moment is what varies.
 */
export async function breakAtRandom(
  wholeMs: number,
  random: () => number,
  start: () => Started,
  /** Says whether it still found something to break. */
  breakIt: (started: Started) => Promise<boolean> | boolean,): Promise<Ended> {
  for (let n = 0; n < tries; n += 1) {
    const started = start()
    await wait(wholeMs * random())
    const isBroken = started.child.exitCode === null && (await breakIt(started))
    const ended = await started.ended
    if (isBroken && endingOf(ended) !== '0') return ended
  }
  throw new Error(`it was over before it broke, ${tries} times`)
}

export function kill({ child }: Started): boolean {
return child.kill('SIGKILL')
}

/** By its arguments, since a loader may stand before the name of the program. */
function childOf(parent: number | undefined, name: string, argument: string): number | undefined {
return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(Number)
    .find((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        const [, ppid] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
        return Number(ppid) === parent && words.includes(argument) && words.some((word) => basename(word) === name)
      } catch {
        return false
      }
    })
}

/** A program that the process has started, once it has; undefined when the process has ended before. */
export async function untilChild(
  { child }: Started,
  name: string,
  argument: string,): Promise<number | undefined> {
  for (;;) {
    const pid = childOf(child.pid, name, argument)
    if (pid !== undefined || child.exitCode !== null) return pid
    await wait(5)
  }
}
