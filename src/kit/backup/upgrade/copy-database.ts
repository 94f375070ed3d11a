import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { databaseArgument } from '../../postgres/database-argument.ts'
import { readableBytes } from '../../host/list-text.ts'
import { afterPreData } from '../portable/pg-arguments.ts'
import { runProgram } from '../../postgres/run-program.ts'
import { withSession } from '../../postgres/session.ts'
import type { DisposableServer } from '../../postgres/disposable-server.ts'
import { compareDatabase, type ComparedDatabase } from './compare-database.ts'
import { dumpAndMeasure } from './dump-and-measure.ts'
import { loadStructure } from './load-structure.ts'
import type { MeasuredDatabase } from './measure-database.ts'
import type { UpgradeSettings } from './upgrade-settings.ts'
import { watchDump, watchRestore } from './watch-copy.ts'
import { ownServer } from '../../postgres/own-server.ts'

export interface CopiedDatabase extends ComparedDatabase {
  name: string
  dumpMs: number
  restoreMs: number
  compareMs: number
}

interface Copy {
  settings: UpgradeSettings
  server: DisposableServer
  name: string
  /** Removed after the restore. */
  folder: string
}

/** Creates the database too, with locale, owner, grants and settings. */
async function restore({ settings, server, name, folder }: Copy): Promise<void> {
  const { programs, jobs, signal } = settings
  const environment = { PGHOST: server.sockets, PGUSER: 'postgres' }
  await loadStructure({ programs, environment, signal }, folder)
  const args = [databaseArgument(name), `--jobs=${jobs}`, ...afterPreData, '--exit-on-error', '--no-password']
  await runProgram({ programs, name: 'pg_restore', args: [...args, folder], environment, signal }, text)
}

function compare({ settings, server, name }: Copy, expected: MeasuredDatabase): Promise<ComparedDatabase> {
  return withSession(
    {
      settings: ownServer(server.urlFor('postgres', name), 'slipway-upgrade'),
      lockTimeoutMs: settings.lockTimeoutMs,
      signal: settings.signal,
    },
    (session) => compareDatabase(session, expected),
  )
}

/** Copies one database to the new server and compares both. Throws CommandError when they differ. */
export async function copyDatabase(
  settings: UpgradeSettings,
  server: DisposableServer,
  dumps: string,
  { name, bytes }: { name: string; bytes: number },
): Promise<CopiedDatabase> {
  const copy = { settings, server, name, folder: join(dumps, 'dump') }
  const times = [performance.now()]
  settings.say(`dump      ${name} (${readableBytes(bytes)})`)
  const expected = await watchDump(settings, name, () => dumpAndMeasure(settings, name, copy.folder))
  times.push(performance.now())
  settings.say(`restore   ${name}`)
  await watchRestore(settings, { server, name, bytes }, () => server.explained(restore(copy)))
  await rm(copy.folder, { recursive: true })
  times.push(performance.now())
  settings.say(`compare   ${name}`)
  const compared = await compare(copy, expected)
  times.push(performance.now())
  const [dumpMs = 0, restoreMs = 0, compareMs = 0] = times
    .slice(1)
    .map((at, n) => Math.round(at - (times[n] ?? 0)))
  return { name, ...compared, dumpMs, restoreMs, compareMs }
}
