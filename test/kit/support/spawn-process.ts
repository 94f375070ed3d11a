import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compileCache } from './compile-cache.ts'
import { until } from './until.ts'

export const checkout = fileURLToPath(new URL('../../..', import.meta.url))

export interface SpawnedProcess {
  pid: number
  /** Both streams so far, as text. */
  stdout: () => string
  stderr: () => string
  /** Lines of the JSON log so far. */
  lines: () => Record<string, unknown>[]
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  kill: (signal: NodeJS.Signals) => void
  /** Kills it hard unless it has ended, and waits. */
  close: () => Promise<void>
}

function parseLine(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line) as Record<string, unknown>]
  } catch {
    return []
  }
}

/**
 * Runs one of our entry points as a process of its own, with nothing of the caller's environment but PATH. `through` is a
 * command that prepares its surroundings and then becomes it.
 */
export function spawnProcess(
  entry: string,
  env: Record<string, string>,
  args: string[] = [],
  through: string[] = [],
  cwd = checkout,
  nodeOptions: string[] = [],
): SpawnedProcess {
  const [command = process.execPath, ...rest] = [...through, process.execPath, ...nodeOptions, entry, ...args]
  const child = spawn(command, rest, {
    cwd,
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1', ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
    child.once('error', (err) => {
      stderr += err.message
      resolve({ code: null, signal: null })
    })
  })
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    lines: () => stdout.split('\n').flatMap(parseLine),
    exited,
    kill: (signal) => void child.kill(signal),
    close: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Waits for a log line with this message; a process that has ended will not write one any more. */
export function untilLogged(spawned: SpawnedProcess, msg: string): Promise<Record<string, unknown>> {
  const output = (): string => spawned.stdout() + spawned.stderr()
  const ended = spawned.exited.then(({ code }) => {
    throw new Error(`ended with ${String(code)} before it logged '${msg}'\n${output()}`)
  })
  const logged = until(`a log line '${msg}'`, () => spawned.lines().find((line) => line['msg'] === msg), {
    explain: output,
    // A second on a quiet machine; on a crowded one much longer.
    deadlineMs: 30_000,
  })
  return Promise.race([logged, ended])
}
