/**
 * What the guard costs: the same queries through the guarded pool and through the driver as it is published, in turn.
 *   npm run bench:guard -- [--pairs=200] [--seconds=0.1]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type postgres from 'postgres'
import { openEmbeddedServer } from '../src/kit/postgres/embedded-server.ts'
import { openDatabase } from '../src/kit/db/open-database.ts'
import { postgresOptions } from '../src/kit/postgres/postgres-options.ts'
import { freePort } from '../test/kit/support/free-port.ts'
import { comparePools, type GuardPrice } from './guard/compare-pools.ts'
import { judgePrice } from './guard/judge-price.ts'
import { pinApart } from './guard/pin-apart.ts'
import { databaseSettings, poolSettings } from '../test/kit/support/pool-settings.ts'

const poolSize = 8

/** The CommonJS build is not patched. */
function openBare(url: string): postgres.Sql {
  const bare = createRequire(import.meta.url)('postgres') as typeof postgres
  return bare(postgresOptions({ ...databaseSettings, url, applicationName: 'bare', poolSize }))
}

async function measure(url: string, pairs: number, seconds: number): Promise<GuardPrice> {
  const guarded = openDatabase({ ...poolSettings, url, applicationName: 'guarded', poolSize })
  const bare = openBare(url)
  try {
    return await comparePools(guarded.sql, bare, { clients: poolSize, pairs, seconds })
  } finally {
    await Promise.all([guarded.close(), bare.end({ timeout: 5 })])
  }
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '0.1' },
    },
  })
  const home = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const port = await freePort()
  const server = await openEmbeddedServer({ home, port, superuserPassword: 'bench', durable: false })
  try {
    const pinning = pinApart(server.pid)
    const url = `postgres://postgres:bench@127.0.0.1:${port}/postgres`
    const { isWithin, lines } = judgePrice(await measure(url, Number(values.pairs), Number(values.seconds)))
    process.stdout.write(`${[...lines, pinning].join('\n')}\n`)
    if (!isWithin) process.exitCode = 1
  } finally {
    await server.close()
    await rm(home, { recursive: true, force: true })
  }
}

await run()
