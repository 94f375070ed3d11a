import { text } from 'node:stream/consumers'
import { withLibpqCredentials } from '../../postgres/libpq-credentials.ts'
import { runProgram } from '../../postgres/run-program.ts'
import { withSession } from '../../postgres/session.ts'
import { measureDatabase, type MeasuredDatabase } from './measure-database.ts'
import type { UpgradeSettings } from './upgrade-settings.ts'

/**
 * Only the directory format supports parallel jobs. It can lose data without an error; the comparison
 * detects that.
 */
function dumpArguments({ jobs, lockTimeoutMs }: UpgradeSettings, folder: string): string[] {
  return [
    '--format=directory',
    `--jobs=${jobs}`,
    '--compress=zstd:1',
    `--lock-wait-timeout=${lockTimeoutMs}`,
    '--no-password',
    `--file=${folder}`,
  ]
}

function dump(settings: UpgradeSettings, name: string, folder: string, signal: AbortSignal): Promise<string> {
  return withLibpqCredentials(settings.old, (credentials) => {
    const environment = { ...credentials, PGDATABASE: name }
    const args = dumpArguments(settings, folder)
    return runProgram({ programs: settings.programs, name: 'pg_dump', args, environment, signal }, text)
  })
}

/** No common snapshot is needed: nothing writes to the old server. The first error aborts the other side. */
export async function dumpAndMeasure(
  settings: UpgradeSettings,
  name: string,
  folder: string,
): Promise<MeasuredDatabase> {
  const { old, lockTimeoutMs, hashBudgetMs } = settings
  const failed = new AbortController()
  const signal = AbortSignal.any([failed.signal, ...(settings.signal === undefined ? [] : [settings.signal])])
  const endingBoth = <T>(work: Promise<T>): Promise<T> =>
    work.catch((err: unknown) => {
      failed.abort(err)
      throw err
    })
  const measuring = withSession({ settings: old, database: name, lockTimeoutMs, signal }, (session) =>
    measureDatabase(session, hashBudgetMs),
  )
  const [measured] = await Promise.allSettled([
    endingBoth(measuring),
    endingBoth(dump(settings, name, folder, signal)),
  ])
  failed.signal.throwIfAborted()
  if (measured.status === 'rejected') throw measured.reason
  return measured.value
}
