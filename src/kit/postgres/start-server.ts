import { setTimeout as pause } from 'node:timers/promises'
import { postmasterStatus, stopPostmaster } from './postmaster-pid.ts'
import { runServerProgram, type ServerPlace, type ServerProgram } from './server-program.ts'

/** Names and values of server parameters; on the command line they win over those of the data folder. */
export type Parameters = Record<string, string>

export interface ServerStart extends ServerPlace {
  /** With those that say where it listens, and whether it is durable. */
  parameters: Parameters
  /** A standby is up as soon as it answers queries; otherwise the server is up when its recovery is over. */
  isUpAsStandby?: boolean
  /** In a session of its own, which Ctrl-C at the terminal does not reach. */
  isDetached?: boolean
  /** Variables for the commands that the server runs. */
  environment?: Record<string, string>
  /** Ends the server at once, also after it is up. */
  signal?: AbortSignal | undefined
  /** The error for a server that ends before it is up, from the lines that it wrote. */
  explainEnd: (lines: string[]) => Error
}

export interface RunningServer {
  pid: number
  /** Resolves when the server ends, with its exit code, or null after a signal. */
  exited: Promise<number | null>
  /** The lines that the server has written since this start. */
  readLines: () => Promise<string[]>
  /**
   * Ends the server and resolves with its exit code. `clean` waits for its last checkpoint, however long that takes; `immediate`
   * is for data that is not read again. Harmless when the server has ended.
   */
  stop: (how: 'clean' | 'immediate') => Promise<number | null>
}

/**
 * Starts a PostgreSQL server on the data folder of the place and waits until it is up, without a deadline: a recovery may take
 * hours. Throws the error of `explainEnd` when the server ends first, and the reason of `signal` when that is aborted; no
 * server is left running then.
 */
export async function startServer(start: ServerStart): Promise<RunningServer> {
  const { data, parameters, signal, explainEnd } = start
  signal?.throwIfAborted()
  const program = await runServerProgram(start, 'postgres', ['-D', data, ...argumentsOf(parameters)], start)
  const kill = (): void => program.kill('SIGQUIT')
  signal?.addEventListener('abort', kill)
  void program.exited.then(() => signal?.removeEventListener('abort', kill))
  const { exited, readLines, pid = 0 } = program
  const server: RunningServer = { pid, exited, readLines, stop: (how) => stop(program, how) }
  try {
    while (!(await isUp(start, pid))) {
      signal?.throwIfAborted()
      if (program.hasEnded()) throw explainEnd(await readLines())
      await pause(20)
    }
    return server
  } catch (err) {
    await server.stop('immediate')
    throw err
  }
}

function argumentsOf(parameters: Parameters): string[] {
  return Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

async function isUp({ data, isUpAsStandby = false }: ServerStart, pid: number): Promise<boolean> {
  const status = await postmasterStatus(data, pid)
  return status === 'ready' || (isUpAsStandby && status === 'standby')
}

async function stop(program: ServerProgram, how: 'clean' | 'immediate'): Promise<number | null> {
  if (!program.hasEnded() && program.pid !== undefined) {
    program.kill(how === 'clean' ? 'SIGINT' : 'SIGQUIT')
    if (how === 'immediate') await stopPostmaster(program.pid)
  }
  return program.exited
}
