import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { withLibpqCredentials } from '../libpq-credentials.ts'
import { readableBytes } from '../portable/list-text.ts'
import { runProgram } from '../run-program.ts'
import { withSession } from '../session.ts'
import type { ThrowAwayServer } from '../drill/throw-away-server.ts'
import { compareDatabase, type ComparedDatabase } from './compare-database.ts'
import { measureDatabase, type MeasuredDatabase } from './measure-database.ts'
import type { UpgradeSettings } from './upgrade-settings.ts'

export interface CopiedDatabase extends ComparedDatabase {
  name: string
  dumpMs: number
  restoreMs: number
  compareMs: number
}

interface Copy {
  settings: UpgradeSettings
  server: ThrowAwayServer
  name: string
  /** Removed as soon as it is restored. */
  dump: string
}

/** The directory format alone is written by several at once. What it loses without a word, the comparison finds. */
const dumpArguments = (jobs: number, folder: string): string[] => [
  '--format=directory',
  `--jobs=${jobs}`,
  '--compress=zstd:1',
  '--no-password',
  `--file=${folder}`,
]

/** With the database itself: its locale, owner, grants and settings. */
const restoreArguments = (jobs: number, folder: string): string[] => [
  '--create',
  '--dbname=postgres',
  `--jobs=${jobs}`,
  '--exit-on-error',
  '--no-password',
  folder,
]

const inDatabase = ({ old, lockTimeoutMs, signal }: UpgradeSettings, database: string) => ({
  ...{ settings: old, database, lockTimeoutMs, signal },
})

/** Nobody writes to the old server, so that the two need no common snapshot. */
const dumpAndMeasure = async ({ settings, name, dump }: Copy): Promise<MeasuredDatabase> => {
  const { programs, jobs, signal } = settings
  const measuring = withSession(inDatabase(settings, name), (session) =>
    measureDatabase(session, settings.hashBudgetMs),
  )
  // Waited for below, unless the dump fails first.
  measuring.catch(() => undefined)
  await withLibpqCredentials(settings.old, (environment) => {
    const args = dumpArguments(jobs, dump)
    return runProgram(
      { programs, name: 'pg_dump', args, environment: { ...environment, PGDATABASE: name }, signal },
      text,
    )
  })
  return measuring
}

const restore = ({ settings, server, dump }: Copy): Promise<string> => {
  const { programs, jobs, signal } = settings
  const environment = { PGHOST: server.sockets, PGUSER: 'postgres' }
  const args = restoreArguments(jobs, dump)
  return server.explained(runProgram({ programs, name: 'pg_restore', args, environment, signal }, text))
}

const compare = ({ settings, server, name }: Copy, expected: MeasuredDatabase): Promise<ComparedDatabase> =>
  withSession(
    {
      settings: { url: server.urlFor('postgres', name), applicationName: 'slipway-upgrade' },
      lockTimeoutMs: settings.lockTimeoutMs,
      signal: settings.signal,
    },
    (session) => compareDatabase(session, expected),
  )

/** Takes one database over, and refuses it unless the two are the same. */
export const copyDatabase = async (
  settings: UpgradeSettings,
  server: ThrowAwayServer,
  dumps: string,
  { name, bytes }: { name: string; bytes: number },
): Promise<CopiedDatabase> => {
  const copy = { settings, server, name, dump: join(dumps, 'dump') }
  const times = [performance.now()]
  settings.say(`dump      ${name} (${readableBytes(bytes)})`)
  const expected = await dumpAndMeasure(copy)
  times.push(performance.now())
  settings.say(`restore   ${name}`)
  await restore(copy)
  await rm(copy.dump, { recursive: true })
  times.push(performance.now())
  settings.say(`compare   ${name}`)
  const compared = await compare(copy, expected)
  times.push(performance.now())
  const [dumpMs = 0, restoreMs = 0, compareMs = 0] = times
    .slice(1)
    .map((at, n) => Math.round(at - (times[n] ?? 0)))
  return { name, ...compared, dumpMs, restoreMs, compareMs }
}
