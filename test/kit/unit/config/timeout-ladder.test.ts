import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { expect, it } from 'vitest'
import { ConfigError } from '../../../../src/kit/config/config-error.ts'
import { loadConfig } from '../../../../src/kit/config/load.ts'
import { createGate } from '../../../../src/kit/http/gate.ts'
import { createServer } from '../../../../src/kit/http/server/serve.ts'
import { createLogger } from '../../../../src/kit/telemetry/logger.ts'

const valid = { DATABASE_URL: 'postgres://app@db/slipway', AUTH_SECRET: 'x'.repeat(40) }

/** What the Caddyfile says where nobody sets the key, and under which key. */
async function caddyLimit(setting: string): Promise<{ key: string; ms: number }> {
  const caddyfile = await readFile(new URL('../../../../Caddyfile', import.meta.url), 'utf8')
  const [, key = '', ms] = new RegExp(`^\\s*${setting} \\{\\$(\\w+):(\\d+)\\}ms$`, 'm').exec(caddyfile) ?? []
  return { key, ms: Number(ms) }
}

function openServer(): Server {
  const config = loadConfig('server', valid)
  const { node } = createServer(
    { fetch: () => new Response() },
    {
      gate: createGate(1),
      logger: createLogger({ level: 'silent' }),
      metrics: { countShed: () => undefined },
      onError: () => undefined,
      headersTimeoutMs: config.HTTP_HEADERS_TIMEOUT_MS,
      receiveTimeoutMs: config.HTTP_RECEIVE_TIMEOUT_MS,
    },
  )
  return node
}

it('rises from the lock in the database to the proxy, each rung a second or more above the one below', async () => {
  const config = loadConfig('server', valid)
  const node = openServer()

  const rungs = [
    config.DATABASE_LOCK_TIMEOUT_MS,
    config.DATABASE_STATEMENT_TIMEOUT_MS,
    config.DATABASE_QUERY_TIMEOUT_MS,
    config.HTTP_REQUEST_TIMEOUT_MS,
    node.requestTimeout,
    (await caddyLimit('response_header_timeout')).ms,
  ]

  expect(rungs).toEqual([2_000, 5_000, 6_000, 8_000, 15_000, 20_000])
  expect(node.requestTimeout).toBe(config.HTTP_RECEIVE_TIMEOUT_MS)
  expect(config.DATABASE_POOL_WAIT_MS + config.DATABASE_QUERY_TIMEOUT_MS).toBeLessThan(
    config.HTTP_REQUEST_TIMEOUT_MS,
  )
  expect(config.HTTP_SHUTDOWN_TIMEOUT_MS).toBeGreaterThan(config.HTTP_REQUEST_TIMEOUT_MS)
})

it('is the same on the socket of Caddy and of Node, where nobody sets one', async () => {
  const node = openServer()

  const limits = {
    read_header: await caddyLimit('read_header'),
    read_body: await caddyLimit('read_body'),
    write: await caddyLimit('write'),
    response_header_timeout: await caddyLimit('response_header_timeout'),
  }

  expect(limits).toEqual({
    read_header: { key: 'CADDY_HEADERS_MS', ms: node.headersTimeout },
    read_body: { key: 'CADDY_RECEIVE_MS', ms: node.requestTimeout },
    write: { key: 'CADDY_ANSWER_MS', ms: 20_000 },
    response_header_timeout: { key: 'CADDY_ANSWER_MS', ms: 20_000 },
  })
})

it.each([
  ['DATABASE_LOCK_TIMEOUT_MS', '5000', 'DATABASE_STATEMENT_TIMEOUT_MS'],
  ['DATABASE_STATEMENT_TIMEOUT_MS', '6000', 'DATABASE_QUERY_TIMEOUT_MS'],
  ['DATABASE_QUERY_TIMEOUT_MS', '8000', 'HTTP_REQUEST_TIMEOUT_MS'],
  ['HTTP_REQUEST_TIMEOUT_MS', '15000', 'HTTP_RECEIVE_TIMEOUT_MS'],
  ['HTTP_HEADERS_TIMEOUT_MS', '15000', 'HTTP_RECEIVE_TIMEOUT_MS'],
])('is refused when %s reaches the next rung', (key, value, next) => {
  const load = (): unknown => loadConfig('server', { ...valid, [key]: value })

  expect(load).toThrow(ConfigError)
  expect(load).toThrow(new RegExp(`${key}: .*${next}`))
})
