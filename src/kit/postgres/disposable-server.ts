import { setTimeout as pause } from 'node:timers/promises'
import { CommandError } from '../errors.ts'
import { scrubText } from '../telemetry/scrub.ts'
import { makeCluster } from './make-cluster.ts'
import type { ServerPlace } from './server-program.ts'
import { socketParameters, socketUrl } from './socket-folder.ts'
import { startServer, type Parameters } from './start-server.ts'

/** Where a disposable server lives; `sockets` is made by openSocketFolder. */
export interface DisposablePlace extends ServerPlace {
  sockets: string
  /** How its faults name the server and its volume, and where they send the reader. */
  wording: { server: string; volume: string; logHint: string }
}

export interface DisposableServer {
  sockets: string
  urlFor: (role: string, database: string) => string
  /** Settles as `work` does. When `work` fails because the server has ended, rejects with the last words of the server. */
  explained: <T>(work: Promise<T>) => Promise<T>
  /** Ends the server and waits; `immediate` is for data that is not read again. */
  close: (how: 'clean' | 'immediate') => Promise<void>
}

/** Not durable, alone on its socket, and with the memory that a container has. */
const parameters: Parameters = {
  // The settings of the data folder do not count.
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
 * Starts a server on the data folder that is there, and waits until it is up. `more` are parameters that win over the usual
 * ones; with hot_standby the server is up while it still replays. Throws CommandError when the server ends first.
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

/** The last complaints of the server, or its last lines where it did not complain. */
function lastWords(lines: string[]): string {
  const complaints = lines.filter((line) => /(FATAL|PANIC|ERROR|HINT):|error:/.test(line))
  return scrubText((complaints.length > 0 ? complaints : lines).slice(-3).join(' | ')).slice(0, 1_000)
}
