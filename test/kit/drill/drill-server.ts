import { execFileSync } from 'node:child_process'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openEmbeddedServer, type EmbeddedServer } from '../../../src/kit/postgres/embedded-server.ts'
import { processesIn } from './processes-in.ts'

export interface ServerSettings {
  home: string
  port: number
  superuserPassword: string
  parameters?: Record<string, string>
}

/** A PostgreSQL that a fault may end and start again, on the same data and port. */
export interface DrillServer {
  port: number
  pid: () => number
  start: () => Promise<void>
  /** Settles when the server of now has ended. */
  ended: () => Promise<unknown>
  close: () => Promise<void>
  /** A signal to every process of the server at once, as a machine would that stops. */
  signalAll: (signal: NodeJS.Signals) => void
  /** Also after a start that failed half-way: what stays of it is in `home`. */
  settings: ServerSettings
}

/** Durable: a server that is killed must lose nothing that it has committed. */
const parameters = { max_connections: '60', shared_buffers: '128MB', max_wal_size: '1GB' }

export async function openDrillServer(settings: ServerSettings): Promise<DrillServer> {
  const start = (): Promise<EmbeddedServer> =>
    openEmbeddedServer({
      ...settings,
      durable: true,
      parameters: { ...parameters, ...settings.parameters },
    })
  let server = await start()
  return {
    settings,
    port: settings.port,
    pid: () => server.pid,
    start: async () => {
      server = await start()
    },
    ended: () => server.exited,
    close: () => server.close(),
    signalAll: (signal) => {
      for (const pid of processesIn(join(settings.home, 'data'))) process.kill(pid, signal)
    },
  }
}

async function copyOwner(from: string, to: string): Promise<void> {
  const { uid, gid } = await stat(from)
  execFileSync('chown', [`${uid}:${gid}`, to])
}

/** Copies the data of a stopped server, to be started as a standby that follows it. */
export async function copyAsStandby(primary: ServerSettings, home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o711 })
  const data = join(home, 'data')
  execFileSync('cp', ['-a', join(primary.home, 'data'), data])
  const conninfo = `host=127.0.0.1 port=${primary.port} user=postgres password=${primary.superuserPassword} application_name=standby`
  // Into a file and not an argument: it holds a password.
  await writeFile(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`, { mode: 0o600 })
  await writeFile(join(data, 'standby.signal'), '')
  for (const name of ['postgresql.auto.conf', 'standby.signal']) await copyOwner(data, join(data, name))
}
