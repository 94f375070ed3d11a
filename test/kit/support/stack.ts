/** The running production stack, as a user and as its operator sees it. */
import { execFile, execFileSync } from 'node:child_process'
import { request as httpsRequest, type Agent } from 'node:https'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { inject } from 'vitest'
import { until } from './until.ts'

export interface StackFacts {
  root: string
  folder: string
  project: string
  envFile: string
  httpPort: number
  httpsPort: number
  prometheusPort: number
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  json: () => unknown
}

interface RequestOptions {
  method?: string
  headers?: Record<string, string>
  body?: unknown
  /** Keeps connections for the next request; without one each request has a connection of its own. */
  agent?: Agent
}

const run = promisify(execFile)

let rootCertificate: string | undefined
let other: StackFacts | undefined

/** The stack of the whole run, unless a test file has brought up one of its own. */
export function stack(): StackFacts {
  return other ?? inject('stack')
}

export function useStack(facts: StackFacts): void {
  // Each stack has an authority of its own.
  rootCertificate = undefined
  other = facts
}

function composeArguments(args: readonly string[]): string[] {
  const { root, envFile, project } = stack()
  const file = join(root, 'compose.prod.yaml')
  return ['compose', '--project-name', project, '--file', file, '--env-file', envFile, ...args]
}

/** `docker compose` on the test's own project; rejects with the command's stderr when it exits non-zero. */
export async function compose(...args: string[]): Promise<string> {
  return docker(...composeArguments(args))
}

export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer: 64 * 1024 * 1024 })
  return stdout
}

/** A script of ops/ against the test's stack; `input` answers its questions. */
export async function ops(
  script: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<string> {
  const facts = stack()
  const { stdout, stderr } = await run(join(facts.root, 'ops', script), args, {
    env: { ...process.env, ENV_FILE: facts.envFile, COMPOSE_PROJECT_NAME: facts.project, ...env },
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout + stderr
}

/** A statement as the superuser inside the container of the database. */
export async function sql(statement: string): Promise<string> {
  const psql = ['psql', '--username=postgres', '--dbname=slipway', '-XAtc', statement]
  return (await compose('exec', '-T', 'db', ...psql)).trim()
}

export async function containerOf(service: string): Promise<string> {
  return (await compose('ps', '--all', '--quiet', service)).trim()
}

function composeSync(...args: string[]): string {
  return execFileSync('docker', composeArguments(args), { encoding: 'utf8' })
}

/** The certificate of Caddy's internal CA: the tests verify TLS like a browser that trusts it. */
function certificate(): string {
  rootCertificate ??= composeSync('exec', '-T', 'caddy', 'cat', '/data/caddy/pki/authorities/local/root.crt')
  return rootCertificate
}

/** One request through Caddy, TLS verified, redirects not followed. Rejects after 20 s without an answer. */
export function request(path: string, options: RequestOptions = {}): Promise<Answer> {
  const payload = options.body === undefined ? undefined : JSON.stringify(options.body)
  const headers = {
    ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    ...options.headers,
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port: stack().httpsPort,
        path,
        method: options.method ?? 'GET',
        headers: { host: `localhost:${stack().httpsPort}`, ...headers },
        ca: certificate(),
        timeout: 20_000,
        agent: options.agent ?? false,
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const json = (): unknown => JSON.parse(text)
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, json })
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${path}: no answer within 20 s`)))
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}

/** Asks until `attempt` gives something and does not throw; on time-out shows the last lines of the stack's log. */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  deadlineMs = 30_000,
): Promise<T> {
  const ask = () => attempt().catch(() => undefined)
  return until(what, ask, { deadlineMs, explain: () => composeSync('logs', '--no-color', '--tail', '20') })
}
