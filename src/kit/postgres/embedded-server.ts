import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { embeddedBinaries } from './embedded-binaries.ts'
import { initCluster } from './init-cluster.ts'
import { isReady, stopOrphan, stopPostmaster } from './postmaster-pid.ts'
import { serverAccount } from './server-account.ts'
import { exitOf, lastLines, runInPlace, type Place } from './server-place.ts'

export interface EmbeddedServerSettings {
  /** Holds the data folder, the server's log and, where needed, a copy of its binaries. */
  home: string
  port: number
  superuserPassword: string
  /** false for throw-away servers: no fsync, also during initdb. */
  durable: boolean
  parameters?: Record<string, string>
}

export interface EmbeddedServer {
  pid: number
  port: number
  /** Settles when the server ends, whoever ended it. */
  exited: Promise<void>
  close: () => Promise<void>
}

const findPlace = async (settings: EmbeddedServerSettings): Promise<Place> => {
  await mkdir(settings.home, { recursive: true })
  const home = await realpath(settings.home)
  const data = join(home, 'data')
  const account = await serverAccount(data)
  await chmod(home, 0o711)
  return {
    data,
    log: join(home, 'server.log'),
    account,
    binaries: await embeddedBinaries(join(home, 'native'), account),
  }
}

const parametersOf = (settings: EmbeddedServerSettings): string[] => {
  const parameters = {
    listen_addresses: '127.0.0.1',
    port: String(settings.port),
    // Sockets have a length limit that a deep checkout exceeds; 127.0.0.1 is enough.
    unix_socket_directories: '',
    ...(settings.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...settings.parameters,
  }
  return Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** Without a deadline: a recovery may take hours, and a server that cannot start ends by itself. */
const untilReady = async (place: Place, child: ChildProcess, pid: number): Promise<void> => {
  while (!(await isReady(place.data, pid))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new AppError('internal', 'PostgreSQL ended at start', { hint: await lastLines(place.log) })
    }
    await wait(20)
  }
}

/** A real PostgreSQL from npm on 127.0.0.1, without an engine: makes its data folder when missing, as root too. */
export const openEmbeddedServer = async (settings: EmbeddedServerSettings): Promise<EmbeddedServer> => {
  const place = await findPlace(settings)
  const log = await open(place.log, 'a', 0o600)
  try {
    if (!existsSync(place.data)) await initCluster(place, settings, log)
    await stopOrphan(place.data)
    const child = await runInPlace(
      place.binaries.postgres,
      ['-D', place.data, ...parametersOf(settings)],
      place,
      log,
    )
    const pid = child.pid ?? 0
    const exited = exitOf(child).then(() => undefined)
    await untilReady(place, child, pid)
    return {
      pid,
      port: settings.port,
      exited,
      close: async () => {
        await Promise.all([stopPostmaster(pid), exited])
      },
    }
  } finally {
    await log.close()
  }
}
