import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedServer, type EmbeddedServer } from '../../../src/kit/postgres/embedded-server.ts'
import { freePort } from './free-port.ts'
import { homePrefix, sweepLeftovers } from './sweep-leftovers.ts'

export interface TestServer {
  host: string
  port: number
  close: () => Promise<void>
}

const parameters = { max_connections: '200', shared_buffers: '64MB', max_locks_per_transaction: '128' }
const attempts = 5

async function openOnFreePort(home: string, superuserPassword: string): Promise<EmbeddedServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    try {
      return await openEmbeddedServer({ home, port, superuserPassword, durable: false, parameters })
    } catch (err) {
      const isTaken = /Address already in use/.test(String((err as { hint?: string }).hint))
      if (!isTaken || attempt === attempts) throw err
    }
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT')
  } catch {
    // It has ended already, which is all that is wanted.
  }
}

/** A disposable server in the temporary folder; gone with the process, also after failures. */
export async function openEmbeddedPostgres(superuserPassword: string): Promise<TestServer> {
  await sweepLeftovers()
  const home = await mkdtemp(join(tmpdir(), `${homePrefix}${process.pid}-`))
  const remove = (): void => rmSync(home, { recursive: true, force: true })
  try {
    const server = await openOnFreePort(home, superuserPassword)
    const killAtExit = (): void => {
      killNow(server.pid)
      remove()
    }
    process.once('exit', killAtExit)
    return {
      host: '127.0.0.1',
      port: server.port,
      close: async () => {
        await server.close()
        process.off('exit', killAtExit)
        remove()
      },
    }
  } catch (err) {
    remove()
    throw err
  }
}
