/**
 * Brings up the real compose.prod.yaml for the system tests: a project, ports, secrets and backups of its own, through
 * the same ops/up.sh as `make up`. A stack that the developer runs beside it is never touched.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import type { TestProject } from 'vitest/node'

import { renderFaults } from './fault-table.ts'
import { removeStack } from './remove-stack.ts'
import type { StackFacts } from './stack.ts'

declare module 'vitest' {
  interface ProvidedContext {
    stack: StackFacts
  }
}

const root = join(import.meta.dirname, '../../..')

export default async function setup(project: TestProject): Promise<() => void> {
  const facts = await describeStack()
  removeStack(facts)
  writeEnvironment(facts)
  execFileSync(join(root, 'ops/up.sh'), {
    env: { ...process.env, ENV_FILE: facts.envFile, COMPOSE_PROJECT_NAME: facts.project },
    stdio: 'inherit',
  })
  project.provide('stack', facts)

  return () => {
    process.stdout.write(renderFaults(facts.folder))
    removeStack(facts)
  }
}

async function describeStack(): Promise<StackFacts> {
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 8)
  const folder = join(root, '.data', 'test-stack')
  const [httpPort, httpsPort, prometheusPort] = await freePorts(3)
  if (!httpPort || !httpsPort || !prometheusPort) throw new Error('no free ports on 127.0.0.1')
  return {
    root,
    folder,
    project: `slipway-test-${checkout}`,
    envFile: join(folder, 'env'),
    httpPort,
    httpsPort,
    prometheusPort,
  }
}

function writeEnvironment(facts: StackFacts): void {
  mkdirSync(facts.folder, { recursive: true })
  copyFileSync(join(root, '.env.example'), facts.envFile)
  appendFileSync(facts.envFile, `\n${baseImages()}\n`)
  const lines = {
    COMPOSE_PROJECT_NAME: facts.project,
    BIND_ADDRESS: '127.0.0.1',
    PUBLIC_HTTP_PORT: facts.httpPort,
    PUBLIC_HTTPS_PORT: facts.httpsPort,
    PROMETHEUS_PORT: facts.prometheusPort,
    PUBLIC_URL: `https://localhost:${facts.httpsPort}`,
    SECRETS_DIR: join(facts.folder, 'secrets'),
    BACKUPS_DIR: join(facts.folder, 'backups'),
    MAINTENANCE_DIR: join(facts.folder, 'maintenance'),
    // As by default, and written down for the stacks that tests bring up beside this one on the same images.
    IMAGE_PREFIX: facts.project,
    // Below what a request may take, so that a test can outlast it.
    DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS: 2_000,
  }
  const text = Object.entries(lines).map(([key, value]) => `${key}=${value}`)
  writeFileSync(facts.envFile, `${text.join('\n')}\n`, { flag: 'a' })
}

/** What `make base-images` wired in for this machine also holds for the tests; or the images of a file that TEST_IMAGES names. */
function baseImages(): string {
  const env = process.env['TEST_IMAGES'] ?? join(root, '.env')
  if (!process.env['TEST_IMAGES'] && !existsSync(env)) return ''
  const lines = readFileSync(env, 'utf8').split('\n')
  return lines.filter((line) => /^[A-Z_]+_IMAGE=|^POSTGRES_VERSION=/.test(line)).join('\n')
}

/** Ports the kernel gave out a moment ago; all are held open until the last is known, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            resolve(typeof address === 'object' && address ? address.port : 0)
          })
        }),
    ),
  )
  for (const server of servers) server.close()
  return ports
}
