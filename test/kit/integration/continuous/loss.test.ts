import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { repetitions } from '../../support/repetitions.ts'
import { emptyFolder, openArchivedServer, type ArchivedServer } from './archived-server.ts'
import { continuousTools } from './tools.ts'

/** ARCHIVE_RUNS=10 is the long form. */
const runs = repetitions(1, 10)
const tolerableLossMs = 15_000

let server: ArchivedServer

/** Writes a row every 100 ms until the server is gone; returns when each that was acknowledged was committed. */
async function writeUntilKilled(
  afterMs: number,
): Promise<{ acknowledged: Map<number, number>; killedAt: number }> {
  const sql = server.connect()
  const acknowledged = new Map<number, number>()
  const end = Date.now() + afterMs
  const [last] = await sql<{ i: number }[]>`select coalesce(max(i), 0)::int as i from ticks`
  for (let i = (last?.i ?? 0) + 1; Date.now() < end; i += 1) {
    await sql`insert into ticks values (${i})`
    acknowledged.set(i, Date.now())
    await pause(100)
  }
  const killedAt = Date.now()
  await server.stop('SIGKILL')
  await sql.end({ timeout: 0 })
  return { acknowledged, killedAt }
}

async function missing(acknowledged: Map<number, number>): Promise<number[]> {
  const sql = server.connect()
  const rows = await sql<{ i: number }[]>`select i from ticks`
  await sql.end()
  const there = new Set(rows.map(({ i }) => i))
  return [...acknowledged].filter(([i]) => !there.has(i)).map(([, at]) => at)
}

describe.skipIf(continuousTools === undefined)('a server that is killed', () => {
  beforeAll(async () => {
    server = await openArchivedServer()
    const sql = server.connect()
    await sql`create table ticks (i int primary key)`
    await sql.end()
    expect(await server.backup(['base', '--full'])).toMatchObject({ code: 0 })
  }, 60_000)
  afterAll(() => server.close())

  it('and keeps its volume › has lost no row', async () => {
    const { acknowledged } = await writeUntilKilled(2_000)
    await server.start()

    expect(await missing(acknowledged)).toEqual([])
  })

  it(
    `and loses its volume, ${runs} times from the first seconds on › comes back from the archive, at most 15 s behind`,
    async () => {
      for (let run = 0; run < runs; run += 1) {
        const afterMs = randomInt(12_000, 30_000)
        const { acknowledged, killedAt } = await writeUntilKilled(afterMs)
        await emptyFolder(server, 'data')
        const ended = await server.backup(['moment', '--at', 'latest'])
        expect(ended, ended.stderr).toMatchObject({ code: 0 })
        await server.start()

        const lost = await missing(acknowledged)
        const lossMs = lost.length === 0 ? 0 : killedAt - Math.min(...lost)
        process.stdout.write(`killed after ${afterMs} ms: ${acknowledged.size} rows, ${lossMs} ms lost\n`)
        expect(acknowledged.size).toBeGreaterThan(20)
        expect(lossMs).toBeLessThanOrEqual(tolerableLossMs)
      }
    },
    runs * 120_000,
  )
})
