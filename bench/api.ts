/**
 * How much of the speed of bare node:http + postgres.js is left in the API, on the same statements in the same run:
 *   npm run bench -- --rounds=5 --seconds=2 [--connections=16] [--case='point read'] [--json] [--profile=FOLDER]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchCases, type BenchCase } from './api/bench-cases.ts'
import { measure } from './api/measure.ts'
import { openBenchDatabase, type BenchDatabase } from './api/open-bench-database.ts'
import { openContender, type Contender } from './api/open-contender.ts'
import { parseOptions, type BenchOptions } from './api/parse-options.ts'
import { pinProcesses, type Pinning } from './api/pin-processes.ts'
import { renderTable } from './api/render-table.ts'
import { requireSameAnswers } from './api/require-same-answers.ts'
import { signUp } from './api/sign-up.ts'
import { summarize, type Series } from './api/summarize.ts'

const publicUrl = 'http://localhost:3000'
const bareName = 'bare'

interface Place {
  options: BenchOptions
  pinning: Pinning
  database: BenchDatabase
  folder: string
  contenders: Contender[]
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Opens a contender; whatever is opened is closed at the end, also after a failure. */
const open = async (place: Place, name: string, args: string[], userId = ''): Promise<Contender> => {
  const { options, pinning, database, folder, contenders } = place
  const profile =
    options.profileFolder === undefined
      ? []
      : [
          '--cpu-prof',
          `--cpu-prof-dir=${options.profileFolder}`,
          `--cpu-prof-name=${name.replaceAll(' ', '-')}.cpuprofile`,
        ]
  const env = {
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '10',
    AUTH_SECRET: 'a secret of more than thirty-two characters',
    PUBLIC_URL: publicUrl,
    HTTP_PORT: '0',
    METRICS_PORT: '0',
    BENCH_USER_ID: userId,
  }
  const contender = await openContender({
    name,
    args: [...profile, ...args],
    env,
    folder,
    prefix: pinning.serverPrefix,
  })
  contenders.push(contender)
  return contender
}

const casesOf = ({ only }: BenchOptions, all: BenchCase[]): BenchCase[] => {
  const chosen = all.filter(({ name }) => only === undefined || name === only)
  if (chosen.length > 0) return chosen
  throw new Error(`--case: expected one of ${all.map(({ name }) => name).join(', ')} (got ${String(only)})`)
}

const openAll = async (place: Place): Promise<BenchCase[]> => {
  const whole = await open(place, 'whole API', ['src/bin/server.ts'])
  const user = await signUp(whole.port, publicUrl)
  const ids = await place.database.seed(user.id)
  const hook = ['--import', './bench/api/without-session.ts']
  await open(place, 'without a session', [...hook, 'src/bin/server.ts'], user.id)
  await open(place, bareName, ['bench/api/bare-server.ts'], user.id)
  await requireSameAnswers(place.contenders, ids[0] ?? '', user.cookie)
  return casesOf(place.options, benchCases(ids, user.cookie))
}

/** In turn, so that whatever else the machine does hits all alike. */
const runRounds = async ({ options, contenders }: Place, cases: readonly BenchCase[]): Promise<Series[]> => {
  const all = cases.flatMap((each) =>
    contenders.map((contender) => ({ each, contender, measurements: [] as Series['measurements'] })),
  )
  for (const { each, contender } of all) await measure(contender, each.requests, options)
  for (let round = 1; round <= options.rounds; round += 1) {
    say(`round ${round} of ${options.rounds}, load average ${loadavg()[0]?.toFixed(1)}`)
    for (const { each, contender, measurements } of all) {
      contender.emptyLog()
      measurements.push(await measure(contender, each.requests, options))
    }
  }
  return all.map(({ each, contender, measurements }) => ({
    case: each.name,
    contender: contender.name,
    measurements,
  }))
}

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv.slice(2))
  const pinning = pinProcesses()
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const database = await openBenchDatabase()
  const place: Place = { options, pinning, database, folder, contenders: [] }
  try {
    const setting = `PostgreSQL ${database.serverVersion} (${database.kind}), Node ${process.version}; ${pinning.description}`
    say(setting)
    const rows = summarize(await runRounds(place, await openAll(place)), bareName)
    const result = options.json ? JSON.stringify({ setting, options, rows }, undefined, 2) : renderTable(rows)
    process.stdout.write(`${result}\n`)
  } finally {
    await Promise.all(place.contenders.map((each) => each.close()))
    await database.close()
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
