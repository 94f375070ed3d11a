import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessorTime {
  /** Used by all threads, in user and kernel mode. */
  usedSeconds: number
  /** That the main thread was ready to run while something else had its core. */
  waitedSeconds: number
}

// Of /proc/<pid>/task/<tid>/schedstat, in nanoseconds: time on a processor, time in its queue, number of turns.
function scheduled(pid: number, thread: string): [number, number] {
  try {
    const [used = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1')
      .split(' ')
      .map(Number)
    return [used / 1e9, waited / 1e9]
  } catch {
    // The thread ended after the folder was read.
    return [0, 0]
  }
}

/** Of a process since its start; NaN on systems that do not keep account by thread. */
export function processorTime(pid: number): ProcessorTime {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => scheduled(pid, thread))
    return {
      usedSeconds: threads.reduce((sum, [used]) => sum + used, 0),
      waitedSeconds: scheduled(pid, String(pid))[1],
    }
  } catch {
    return { usedSeconds: Number.NaN, waitedSeconds: Number.NaN }
  }
}
