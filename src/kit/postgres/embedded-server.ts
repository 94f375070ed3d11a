import { existsSync } from 'node:fs'
import { chmod, mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { embeddedPrograms } from './embedded-programs.ts'
import { makeCluster } from './make-cluster.ts'
import { stopOrphan, stopPostmaster } from './postmaster-pid.ts'
import { serverAccount } from './server-account.ts'
import type { ServerPlace } from './server-program.ts'
import { startServer, type Parameters } from './start-server.ts'

export interface EmbeddedServerSettings {
  /** Holds the data folder, the server's log and, where needed, a copy of its programs. */
  home: string
  port: number
  superuserPassword: string
  /** false: nothing is written through to the disk, neither by initdb nor by the server. */
  durable: boolean
  parameters?: Parameters
}

export interface EmbeddedServer {
  pid: number
  port: number
  /** Resolves when the server ends, by `close` or otherwise. */
  exited: Promise<unknown>
  /** Ends the server; by force after 20 s. */
  close: () => Promise<void>
}

/**
 * Starts the PostgreSQL from npm on 127.0.0.1 and waits until it is up. Makes the data folder when it is missing, and stops the
 * server that a killed process left on it. Throws AppError when initdb or the server fails, with its last lines as hint.
 */
export async function openEmbeddedServer(settings: EmbeddedServerSettings): Promise<EmbeddedServer> {
  const { port, superuserPassword, durable: isDurable } = settings
  const place = await findPlace(settings)
  if (!existsSync(place.data))
    await makeCluster(place, { superuserPassword, isDurable, explainEnd: failureOf('initdb failed') })
  await stopOrphan(place.data)
  const { pid, exited } = await startServer({
    ...place,
    parameters: parametersOf(settings),
    // Ctrl-C at the terminal must reach the API first and the server last.
    isDetached: true,
    explainEnd: failureOf('PostgreSQL ended at start'),
  })
  return {
    ...{ pid, port, exited },
    close: async () => {
      await Promise.all([stopPostmaster(pid), exited])
    },
  }
}

async function findPlace(settings: EmbeddedServerSettings): Promise<ServerPlace> {
  await mkdir(settings.home, { recursive: true })
  const home = await realpath(settings.home)
  const data = join(home, 'data')
  const account = await serverAccount(data)
  await chmod(home, 0o711)
  const programs = await embeddedPrograms(join(home, 'native'), account)
  return { programs, account, data, log: join(home, 'server.log') }
}

const notDurable: Parameters = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

function parametersOf(settings: EmbeddedServerSettings): Parameters {
  return {
    listen_addresses: '127.0.0.1',
    port: String(settings.port),
    // A socket has a length limit that a deep checkout exceeds.
    unix_socket_directories: '',
    ...(settings.durable ? {} : notDurable),
    ...settings.parameters,
  }
}

function failureOf(sentence: string): (lines: string[]) => AppError {
  return (lines) => new AppError('internal', sentence, { hint: lines.slice(-5).join(' | ') })
}
