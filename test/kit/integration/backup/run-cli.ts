import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { bundleOf } from '../../support/bundles.ts'
import { compileCache } from '../../support/compile-cache.ts'

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Started {
  child: ChildProcess
  ended: Promise<Ended>
}

/** Starts the process as the container does: settings in the environment, nothing else of ours in it. */
export function startCli(args: string[], settings: Record<string, string>, input = ''): Started {
  const child = spawn(process.execPath, [bundleOf('backup'), ...args], {
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      LOG_LEVEL: 'info',
      BACKUP_ENCRYPTION: 'off',
      ...compileCache,
      ...settings,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(input)
  const closed = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  const ended = Promise.all([closed, text(child.stdout), text(child.stderr)]).then(
    ([how, stdout, stderr]) => ({
      ...how,
      stdout: stdout.trim(),
      stderr: stderr.trim(),
    }),
  )
  return { child, ended }
}

export function runCli(args: string[], settings: Record<string, string>, input?: string): Promise<Ended> {
  return startCli(args, settings, input).ended
}

/** Polls with a deadline; `what` stands in the error. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  deadlineMs = 15_000,
): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`)
    await pause(20)
  }
}

export function untilFile(path: string): Promise<void> {
  return until(`${path} exists`, () => existsSync(path))
}
