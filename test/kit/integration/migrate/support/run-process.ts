import { spawn, type ChildProcess } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { bundleOf } from '../../../support/bundles.ts'
import { compileCache } from '../../../support/compile-cache.ts'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface MigrateProcess {
  child: ChildProcess
  ended: Promise<Ended>
  /** What stands on stdout so far. */
  stdout: () => string
}

/** Starts bin/migrate.ts with nothing but the given settings in its environment. */
export function startProcess(args: string[], env: Record<string, string>): MigrateProcess {
  const child = spawn(process.execPath, [bundleOf('migrate', 'fixture'), ...args], {
    env: { ...compileCache, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })),
  )
  return { child, ended, stdout: () => stdout }
}

export function runProcess(args: string[], env: Record<string, string>): Promise<Ended> {
  return startProcess(args, env).ended
}

/** The events that a process printed, one JSON line each. */
export function eventsOf(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}
