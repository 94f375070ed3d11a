import { setTimeout as pause } from 'node:timers/promises'
import { CommandError } from '../errors.ts'
import { scrubText } from '../telemetry/scrub.ts'
import { makeCluster } from './make-cluster.ts'
import type { ServerPlace } from './server-program.ts'
import { socketParameters, socketUrl } from './socket-folder.ts'
import { startServer, type Parameters } from './start-server.ts'

/** Location of a disposable server; `sockets` comes from openSocketFolder. */
export interface DisposablePlace extends ServerPlace {
  sockets: string
  /** Names of the server and its volume in error messages, and the hint on where to read the log. */
  wording: { server: string; volume: string; logHint: string }
}

export interface DisposableServer {
  sockets: string
  urlFor: (role: string, database: string) => string
  /**
   * Settles like `work`. When `work` fails because the server has ended, rejects with the server's last log lines.
   */
  explained: <T>(work: Promise<T>) => Promise<T>
  /** Ends the server and waits; `immediate` is for data that is not read again. */
  close: (how: 'clean' | 'immediate') => Promise<void>
}

/** Not durable, listens on its socket only, and uses the memory limit of the container. */
const parameters: Parameters = {
  // Ignores the settings of the data folder.
  config_file: '/dev/null',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '40',
  archive_mode: 'off',
  autovacuum: 'off',
  max_locks_per_transaction: '256',
  jit: 'off',
  shared_buffers: '64MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '512MB',
  max_parallel_maintenance_workers: '0',
  max_parallel_workers_per_gather: '0',
  log_min_error_statement: 'panic',
  log_parameter_max_length_on_error: '0',
  logging_collector: 'off',
  timezone: 'UTC',
}

/** Makes the empty cluster of a disposable server. `shape` is encoding and locale, as arguments of initdb. */
export function makeDisposableCluster(place: DisposablePlace, shape?: string[]): Promise<void> {
  return makeCluster(place, {
    ...(shape === undefined ? {} : { shape }),
    isDurable: false,
    explainEnd: (lines) => serverFault(place, 'no cluster could be made', lines),
  })
}

/**
 * Starts a server on an existing data folder and waits until it is up. `more` overrides the default parameters; with
 * hot_standby the server is up while it still replays. Throws CommandError when the server ends first.
 */
export async function openDisposableServer(
  place: DisposablePlace,
  more: Parameters,
  signal?: AbortSignal,
): Promise<DisposableServer> {
  const { sockets, wording } = place
  const server = await startServer({
    ...place,
    parameters: { ...socketParameters(sockets), ...parameters, ...more },
    isUpAsStandby: more['hot_standby'] === 'on',
    signal,
    explainEnd: (lines) => serverFault(place, `${wording.server} ended at its start`, lines),
  })
  return {
    sockets,
    urlFor: (role, database) => socketUrl(sockets, role, database),
    explained: async (work) => {
      try {
        return await work
      } catch (err) {
        // The server closes its connections before it ends.
        const hasEnded = await Promise.race([server.exited.then(() => true), pause(1_000, false)])
        if (err instanceof CommandError || !hasEnded) throw err
        throw serverFault(place, `${wording.server} ended`, await server.readLines())
      }
    },
    close: async (how) => {
      await server.stop(how)
    },
  }
}

const outOfSpace = /No space left on device|Disk quota exceeded/

function serverFault({ wording }: DisposablePlace, what: string, lines: string[]): CommandError {
  const words = lastWords(lines)
  return outOfSpace.test(words)
    ? new CommandError('no_space', `${wording.volume} is full`, {
        hint: 'free space on the disk of the engine',
      })
    : new CommandError('failed', `${what}: ${words}`, { hint: wording.logHint })
}

/** Returns the server's last error lines, or its last lines when there are none. */
function lastWords(lines: string[]): string {
  const complaints = lines.filter((line) => /(FATAL|PANIC|ERROR|HINT):|error:/.test(line))
  return scrubText((complaints.length > 0 ? complaints : lines).slice(-3).join(' | ')).slice(0, 1_000)
}
