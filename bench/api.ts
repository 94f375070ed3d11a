/**
 * How much of the speed of bare node:http + postgres.js is left in the API, on the same statements in the same run:
 *   npm run bench -- --rounds=7 --seconds=1.2 [--connections=16] [--patience=600]
 *     [--case='point read'] [--json] [--profile=FOLDER]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { proof } from '#app/proof'
import { benchCases, type BenchCase } from './api/bench-cases.ts'
import { measure } from './api/measure.ts'
import { measureUndisturbed } from './api/measure-undisturbed.ts'
import { openBenchDatabase } from './api/open-bench-database.ts'
import { bareName, openContenders, type Place } from './api/open-contenders.ts'
import { parseOptions } from './api/parse-options.ts'
import { pinProcesses } from './api/pin-processes.ts'
import { renderTable } from './api/render-table.ts'
import { summarize, type Series } from './api/summarize.ts'

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** In turn, so that whatever else the machine does hits all alike. */
async function runRounds({ options, contenders }: Place, cases: readonly BenchCase[]): Promise<Series[]> {
  const all = cases.flatMap((each) =>
    contenders.map((contender) => ({ each, contender, measurements: [] as Series['measurements'] })),
  )
  say('warming up')
  for (const { each, contender } of all) await measure(contender, each.requests, options)
  const deadlineMs = Date.now() + options.patience * 1000
  for (let round = 1; round <= options.rounds; round += 1) {
    say(`round ${round} of ${options.rounds}, load average ${loadavg()[0]?.toFixed(1)}`)
    for (const { each, contender, measurements } of all) {
      contender.emptyLog()
      measurements.push(await measureUndisturbed(deadlineMs, contender, each.requests, options))
    }
  }
  return all.map(({ each, contender, measurements }) => ({
    case: each.name,
    contender: contender.name,
    measurements,
  }))
}

async function run(place: Place): Promise<string> {
  const { database, options, pinning } = place
  const setting = `PostgreSQL ${database.serverVersion} (${database.kind}), Node ${process.version}; ${pinning.description}`
  say(setting)
  const { ids, user } = await openContenders(place)
  const cases = benchCases(ids, user.cookie, options.only)
  const rows = summarize(await runRounds(place, cases), bareName)
  say(`${await database.countRows()} rows of ${proof.row.table} at the end`)
  return options.json ? JSON.stringify({ setting, options, rows }, undefined, 2) : renderTable(rows)
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const pinning = pinProcesses()
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const database = await openBenchDatabase()
  const place: Place = { options, pinning, database, folder, contenders: [] }
  try {
    process.stdout.write(`${await run(place)}\n`)
  } finally {
    await Promise.all(place.contenders.map((each) => each.close()))
    await database.close()
    await rm(folder, { recursive: true, force: true })
  }
}

// An exit and not a death by signal, so that servers and PostgreSQL are taken along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

await main()
