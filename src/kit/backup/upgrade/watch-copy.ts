import type { DisposableServer } from '../../postgres/disposable-server.ts'
import { withSession } from '../../postgres/session.ts'
import { watchProgress } from '../../host/watch-progress.ts'
import { createCopiedBytes, readCopied, readTableBytes } from './copied-bytes.ts'
import { superuserSession } from './open-new-server.ts'
import type { UpgradeSettings } from './upgrade-settings.ts'

/** Reports the progress of a dump from the tables that the old server is sending. */
export function watchDump<T>(
  { old, lockTimeoutMs, signal, progress }: UpgradeSettings,
  database: string,
  work: () => Promise<T>,
): Promise<T> {
  if (progress === undefined) return work()
  return withSession({ settings: old, database, lockTimeoutMs, signal }, async (session) => {
    const expected = { bytes: await readTableBytes(session), isAbout: true }
    const copied = createCopiedBytes()
    return watchProgress(progress('dump', expected), async () => copied(await readCopied(session)), work)
  })
}

/**
 * Reports the progress of a restore from the size of the new database. It ends below 100 % when the old
 * one contains dead rows.
 */
export function watchRestore<T>(
  settings: UpgradeSettings,
  { server, name, bytes }: { server: DisposableServer; name: string; bytes: number },
  work: () => Promise<T>,
): Promise<T> {
  const { progress } = settings
  if (progress === undefined) return work()
  return withSession(superuserSession(server, settings), (session) => {
    const readBytes = async (): Promise<number> => {
      const [row] = await session<{ bytes: number }[]>`
        select pg_database_size(oid)::float8 as bytes from pg_database where datname = ${name}`
      return row?.bytes ?? 0
    }
    return watchProgress(progress('restore', { bytes, isAbout: true }), readBytes, work)
  })
}
