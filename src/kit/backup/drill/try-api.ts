import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { CommandError } from '../../errors.ts'
import type { DrillPlace } from './drill-place.ts'
import type { DisposableServer } from '../../postgres/disposable-server.ts'

/** Entry point of the API in this image, and its working directory, which contains migrations/. */
export interface ApiProgram {
  file: string
  folder: string
}

const readyWithinMs = 20_000

function notReady(why: string): CommandError {
  return new CommandError('verification_failed', `the API is not ready on the restored database: ${why}`, {
    hint: 'read the log of the drill: make logs SERVICE=drill',
  })
}

function settingsFor(url: string, secretFile: string): Record<string, string> {
  return {
    NODE_ENV: 'production',
    DATABASE_URL: url,
    AUTH_SECRET_FILE: secretFile,
    HTTP_HOST: '127.0.0.1',
    HTTP_PORT: '0',
    METRICS_PORT: '0',
    HTTP_DRAIN_DELAY_MS: '0',
    SCHEDULED_JOBS: 'off',
    LOG_LEVEL: 'info',
  }
}

/** Reads the port of the API from its log. */
async function portOf(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw notReady('it has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /"http_port":(\d+)/.exec(line)?.[1]
    if (port !== undefined) {
      child.stdout.resume()
      return Number(port)
    }
  }
  throw notReady('it ended at its start')
}

async function ask(port: number, path: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) })
  return { status: answer.status, body: (await answer.text()).slice(0, 300) }
}

async function untilReady(port: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + readyWithinMs
  for (;;) {
    const { status, body } = await ask(port, '/readyz')
    if (status === 200) return
    if (Date.now() > deadline) throw notReady(`/readyz answers ${status} ${body}`)
    await pause(100, undefined, { signal })
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const hard = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(hard)
}

/**
 * Starts the API of this release as role app on the restored database, waits until it is ready, then stops
 * it. Throws CommandError.
 */
export async function tryApi(
  api: ApiProgram,
  place: DrillPlace,
  server: DisposableServer,
  database: string,
  signal: AbortSignal,
): Promise<void> {
  const secretFile = join(place.work, 'auth_secret')
  await writeFile(secretFile, randomBytes(36).toString('base64'), { mode: 0o600 })
  const child = spawn(process.execPath, [api.file], {
    cwd: api.folder,
    env: settingsFor(server.urlFor('app', database), secretFile),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const abort = (): void => void child.kill('SIGKILL')
  signal.addEventListener('abort', abort)
  try {
    const port = await portOf(child)
    await untilReady(port, signal)
    const health = await ask(port, '/api/health/db')
    if (health.status !== 200) throw notReady(`/api/health/db answers ${health.status} ${health.body}`)
  } finally {
    signal.removeEventListener('abort', abort)
    await stop(child)
  }
}
