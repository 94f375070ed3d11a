/**
 * What continuous archiving costs a server that writes as fast as it can, against the same server without, in turn in one run:
 *   node bench/archive.ts [--rounds=5] [--seconds=20]
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  openArchivedServer,
  type ArchivedServer,
} from '../test/kit/integration/continuous/archived-server.ts'
import { continuousTools } from '../test/kit/integration/continuous/tools.ts'
import { median } from './api/summarize.ts'
import { reportFigures } from './backup/report.ts'
import type { Parameters } from '../src/kit/postgres/start-server.ts'

const clients = 4
const warmUpSeconds = 2

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { rounds: text, seconds: text } })
const rounds = Number(values.rounds ?? 5)
const seconds = Number(values.seconds ?? 20)

function run(server: ArchivedServer, args: string[]): string {
  if (continuousTools === undefined) throw new Error('pgbackrest or pgbench is missing')
  const sql = server.connect()
  const { host, port } = sql.options
  void sql.end()
  const address = ['-h', String(host[0]), '-p', String(port[0]), '-U', 'postgres', 'slipway']
  const ended = spawnSync(join(continuousTools.server, 'pgbench'), [...args, ...address], {
    encoding: 'utf8',
  })
  if (ended.status !== 0) throw new Error(ended.stderr)
  return ended.stdout
}

/** Small transactions that each change four rows: the standard one of pgbench. */
function throughput(server: ArchivedServer, forSeconds: number): number {
  const said = run(server, ['--no-vacuum', '-c', String(clients), '-T', String(forSeconds)])
  return Number(/^tps = ([\d.]+)/m.exec(said)?.[1])
}

async function measure(server: ArchivedServer, parameters?: Parameters): Promise<number> {
  await server.stop()
  await server.start(parameters)
  throughput(server, warmUpSeconds)
  return throughput(server, seconds)
}

const server = await openArchivedServer({ parameters: { max_wal_size: '1GB', fsync: 'on' } })
try {
  run(server, ['--initialize', '--scale=20', '--quiet'])
  const base = await server.backup(['base', '--full'])
  if (base.code !== 0) throw new Error(base.stderr)
  const [without, archived]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    without.push(await measure(server, { archive_mode: 'off' }))
    archived.push(await measure(server))
  }
  const share = median(archived.map((tps, round) => tps / (without[round] ?? Number.NaN)))
  reportFigures(`write throughput, median of ${rounds} rounds of ${seconds} s`, [
    { name: 'without archiving, transactions', value: median(without), unit: '/s' },
    { name: 'with continuous archiving, transactions', value: median(archived), unit: '/s' },
    { name: 'with / without', value: share, unit: 'times', atLeast: 0.95 },
  ])
} finally {
  await server.close()
}
