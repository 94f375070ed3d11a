import { rm, statfs } from 'node:fs/promises'
import {
  makeDisposableCluster,
  openDisposableServer,
  type DisposableServer,
} from '../../postgres/disposable-server.ts'
import type { Session } from '../../postgres/session.ts'
import { initdbArguments } from './cluster-shape.ts'
import type { NewServer } from './refuse-upgrade.ts'
import type { UpgradeFacts } from './upgrade-facts.ts'
import { openUpgradePlace, type UpgradePlace } from './upgrade-place.ts'
import type { UpgradeSettings } from './upgrade-settings.ts'
import { ownServer } from '../../postgres/own-server.ts'

/** Crash safety is unnecessary: a failed upgrade is discarded, a complete one is synced before use. */
const parameters = { max_wal_size: '1GB', max_connections: '60' }

export type NewServerSettings = Pick<UpgradeSettings, 'folder' | 'programs' | 'signal' | 'lockTimeoutMs'>

export function superuserSession(
  server: DisposableServer,
  { lockTimeoutMs, signal }: Pick<NewServerSettings, 'lockTimeoutMs' | 'signal'>,
) {
  return {
    settings: ownServer(server.urlFor('postgres', 'postgres'), 'slipway-upgrade'),
    ...{ lockTimeoutMs, signal },
  }
}

/**
 * Creates an empty cluster with the shape of the old one and starts it on a private socket while `use`
 * runs.
 */
export async function withNewServer<T>(
  settings: NewServerSettings,
  { shape }: Pick<UpgradeFacts, 'shape'>,
  use: (server: DisposableServer, place: UpgradePlace) => Promise<T>,
): Promise<T> {
  const place = await openUpgradePlace(settings.folder, settings.programs)
  try {
    await makeDisposableCluster(place, initdbArguments(shape))
    const server = await openDisposableServer(place, parameters, settings.signal)
    try {
      const made = await use(server, place)
      await server.close('clean')
      return made
    } catch (err) {
      await server.close('immediate')
      throw err
    }
  } finally {
    await rm(place.sockets, { recursive: true, force: true })
  }
}

export async function readNewServer(session: Session, { work }: UpgradePlace): Promise<NewServer> {
  const [row] = await session<{ version: string; extensions: string[] }[]>`
    select split_part(current_setting('server_version'), ' ', 1) as version,
      (select array_agg(name::text) from pg_available_extensions) as extensions`
  if (row === undefined) throw new Error('the server says nothing of itself')
  const { bavail, bsize } = await statfs(work)
  return { ...row, freeBytes: bavail * bsize }
}
