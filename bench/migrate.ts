/**
 * What the runner costs, against a bare `select 1` and against plain Drizzle, in turn in one run:
 *   node bench/migrate.ts [--rounds=11] [--files=200]
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as plainDrizzle } from 'drizzle-orm/postgres-js/migrator'
import { build } from 'esbuild'
import postgres from 'postgres'
import { openEmbeddedServer } from '../src/kit/postgres/embedded-server.ts'
import { runMigrations } from '../src/kit/migrate/run-migrations.ts'
import { freePort } from '../test/kit/support/free-port.ts'
import { median } from './api/summarize.ts'
import { writeSmallFiles } from './migrate/write-small-files.ts'
import { runLimits } from '../test/kit/support/run-limits.ts'

interface Place {
  home: string
  urlOf: (database: string) => string
  rounds: number
}

const banner = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
}

/** Bundles as the images do, so that both sides pay for reading one file. */
async function bundle(home: string): Promise<void> {
  await build({
    entryPoints: { migrate: 'src/kit/bin/migrate.ts', select: 'bench/migrate/select-one.ts' },
    outdir: home,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner,
    minifySyntax: true,
    minifyWhitespace: true,
  })
}

async function timed(work: () => unknown): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

function report(what: string, own: number[], other: number[], limit: number): void {
  const ratio = median(own) / median(other)
  const verdict = ratio <= limit ? 'within' : 'ABOVE'
  process.stdout.write(
    `${what}: ${median(own).toFixed(0)} ms against ${median(other).toFixed(0)} ms, ratio ${ratio.toFixed(2)}, ${verdict} ${limit}\n`,
  )
}

/** The whole process on a database that is up to date, against a process that only asks `select 1`. */
async function compareUpToDate({ home, urlOf, rounds }: Place): Promise<void> {
  const env = { DATABASE_URL: urlOf('postgres') }
  const start = (name: string, ...args: string[]): void =>
    void execFileSync(process.execPath, [join(home, `${name}.mjs`), ...args], { env })
  start('migrate', 'up')
  const [own, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    own.push(await timed(() => start('migrate', 'up')))
    bare.push(await timed(() => start('select')))
  }
  report('up to date, process start included, against select 1', own, bare, 1.5)
}

async function runPlain(url: string, migrationsFolder: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  await plainDrizzle(drizzle(sql), { migrationsFolder })
  await sql.end()
}

/** Many small pending files on a durable server, where each transaction of its own costs a flush. */
async function compareFiles({ home, urlOf, rounds }: Place, files: number): Promise<void> {
  const folder = join(home, 'small files')
  writeSmallFiles(folder, files)
  const admin = postgres(urlOf('postgres'), { max: 1, onnotice: () => undefined })
  const [own, plain]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    for (const side of ['own', 'plain'] as const) {
      const name = `${side}_${round}`
      await admin.unsafe(`create database ${name}`)
      await admin.unsafe('checkpoint')
      if (side === 'own')
        own.push(await timed(() => runMigrations({ ...runLimits, url: urlOf(name), folder })))
      else plain.push(await timed(() => runPlain(urlOf(name), folder)))
      await admin.unsafe(`drop database ${name} with (force)`)
    }
  }
  await admin.end()
  report(`${files} pending files against plain Drizzle`, own, plain, 1.2)
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '11' }, files: { type: 'string', default: '200' } },
  })
  const home = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  const port = await freePort()
  const server = await openEmbeddedServer({ home, port, superuserPassword: 'bench', durable: true })
  const urlOf = (database: string): string => `postgres://postgres:bench@127.0.0.1:${port}/${database}`
  const place = { home, urlOf, rounds: Number(values.rounds) }
  try {
    await bundle(home)
    await compareUpToDate(place)
    await compareFiles(place, Number(values.files))
  } finally {
    await server.close()
    rmSync(home, { recursive: true, force: true })
  }
}

await run()
