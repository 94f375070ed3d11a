/**
 * What the guard costs: the same queries through the guarded pool and through the driver as it is published, in turn.
 *   node bench/guard.ts [--rounds=7] [--seconds=2]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type postgres from 'postgres'
import { openEmbeddedServer } from '../src/db/embedded-server.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { postgresOptions } from '../src/db/postgres-options.ts'
import { freePort } from '../test/support/free-port.ts'
import { median } from './api/summarize.ts'

const poolSize = 8
const leastRatio = 0.95

const query = 'select oid, typname from pg_type where oid = $1'

/** The CommonJS build is not patched. */
const openBare = (url: string): postgres.Sql => {
  const bare = createRequire(import.meta.url)('postgres') as typeof postgres
  return bare(postgresOptions({ url, applicationName: 'bare', poolSize }))
}

/** Per second of our own processor time: what else the machine does would otherwise drown the difference. */
const perProcessorSecond = async (sql: postgres.Sql, seconds: number): Promise<number> => {
  const begin = process.cpuUsage()
  const end = performance.now() + seconds * 1_000
  let answered = 0
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      await sql.unsafe(query, [25], { prepare: true }).values()
      answered += 1
    }
  }
  await Promise.all(Array.from({ length: poolSize }, client))
  const { user, system } = process.cpuUsage(begin)
  return answered / ((user + system) / 1_000_000)
}

const compare = async (url: string, rounds: number, seconds: number): Promise<void> => {
  const guarded = openDatabase({ url, applicationName: 'guarded', poolSize })
  const bare = openBare(url)
  for (const sql of [guarded.sql, bare]) await perProcessorSecond(sql, seconds)
  const ratios: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const own = await perProcessorSecond(guarded.sql, seconds)
    const other = await perProcessorSecond(bare, seconds)
    ratios.push(own / other)
    process.stdout.write(
      `guarded ${own.toFixed(0)}/s, bare ${other.toFixed(0)}/s, ratio ${(own / other).toFixed(3)}\n`,
    )
  }
  const ratio = median(ratios)
  const verdict = ratio >= leastRatio ? 'within' : 'BELOW'
  process.stdout.write(`median ratio ${ratio.toFixed(3)}, ${verdict} ${leastRatio}\n`)
  await Promise.all([guarded.close(), bare.end({ timeout: 5 })])
}

const run = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '2' } },
  })
  const home = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const port = await freePort()
  const server = await openEmbeddedServer({ home, port, superuserPassword: 'bench', durable: false })
  try {
    const url = `postgres://postgres:bench@127.0.0.1:${port}/postgres`
    await compare(url, Number(values.rounds), Number(values.seconds))
  } finally {
    await server.close()
    rmSync(home, { recursive: true, force: true })
  }
}

await run()
