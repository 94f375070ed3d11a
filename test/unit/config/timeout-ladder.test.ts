import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { ConfigError } from '../../../src/config/config-error.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { createServer } from '../../../src/http/serve.ts'

const valid = { DATABASE_URL: 'postgres://app@db/slipway', AUTH_SECRET: 'x'.repeat(40) }

const caddySeconds = async (setting: string): Promise<number> => {
  const caddyfile = await readFile(new URL('../../../Caddyfile', import.meta.url), 'utf8')
  return Number(new RegExp(`^\\s*${setting} (\\d+)s$`, 'm').exec(caddyfile)?.[1])
}

it('rises from the lock in the database to the proxy, each rung a second or more above the one below', async () => {
  const config = loadConfig('server', valid)
  const { node } = createServer({ fetch: () => new Response() }, { onError: () => undefined })

  const rungs = [
    config.DATABASE_LOCK_TIMEOUT_MS,
    config.DATABASE_STATEMENT_TIMEOUT_MS,
    config.DATABASE_QUERY_TIMEOUT_MS,
    config.HTTP_REQUEST_TIMEOUT_MS,
    node.requestTimeout,
    (await caddySeconds('response_header_timeout')) * 1_000,
  ]

  expect(rungs).toEqual([2_000, 5_000, 6_000, 8_000, 15_000, 20_000])
  expect(await caddySeconds('write')).toBe(20)
  expect(config.DATABASE_POOL_WAIT_MS + config.DATABASE_QUERY_TIMEOUT_MS).toBeLessThan(
    config.HTTP_REQUEST_TIMEOUT_MS,
  )
  expect(config.HTTP_SHUTDOWN_TIMEOUT_MS).toBeGreaterThan(config.HTTP_REQUEST_TIMEOUT_MS)
})

it.each([
  ['DATABASE_LOCK_TIMEOUT_MS', '5000', 'DATABASE_STATEMENT_TIMEOUT_MS'],
  ['DATABASE_STATEMENT_TIMEOUT_MS', '6000', 'DATABASE_QUERY_TIMEOUT_MS'],
  ['DATABASE_QUERY_TIMEOUT_MS', '8000', 'HTTP_REQUEST_TIMEOUT_MS'],
  ['HTTP_REQUEST_TIMEOUT_MS', '15000', '14999'],
])('is refused when %s reaches the next rung', (key, value, next) => {
  const load = (): unknown => loadConfig('server', { ...valid, [key]: value })

  expect(load).toThrow(ConfigError)
  expect(load).toThrow(new RegExp(`${key}: .*${next}`))
})
