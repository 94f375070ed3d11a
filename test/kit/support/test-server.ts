import { serverAccount } from '../../../src/kit/postgres/server-account.ts'
import type { ServerPlace } from '../../../src/kit/postgres/server-program.ts'
import { startServer, type Parameters } from '../../../src/kit/postgres/start-server.ts'
import { freePort } from './free-port.ts'

export interface TestServer {
  port: number
  /** Resolves when the server is gone. SIGINT is a clean stop, SIGKILL a crash. */
  stop: (signal: NodeJS.Signals) => Promise<void>
}

/** A place for a server with the programs in `tools`; its log is beside the data folder. */
export async function placeOf(tools: string, data: string): Promise<ServerPlace> {
  return {
    programs: { folder: tools, searchPath: process.env['PATH'] ?? '' },
    account: await serverAccount(data),
    data,
    log: `${data}.log`,
  }
}

const usualParameters: Parameters = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
}

interface TestStart {
  port?: number
  parameters?: Parameters
  /** Variables for the commands that the server runs. */
  environment?: Record<string, string>
}

/** Starts a server on 127.0.0.1, on a free port unless one is given; it ends with this process. */
export async function startTestServer(
  place: ServerPlace,
  { port: given, parameters, environment = {} }: TestStart = {},
): Promise<TestServer> {
  const port = given ?? (await freePort())
  const server = await startServer({
    ...place,
    parameters: { ...usualParameters, port: String(port), ...parameters },
    environment,
    explainEnd: (lines) => new Error(lines.join('\n')),
  })
  const killAtExit = (): void => void process.kill(server.pid, 'SIGQUIT')
  process.once('exit', killAtExit)
  let hasEnded = false
  void server.exited.then(() => {
    hasEnded = true
    process.off('exit', killAtExit)
  })
  return {
    port,
    stop: async (signal) => {
      if (!hasEnded) process.kill(server.pid, signal)
      await server.exited
    },
  }
}
