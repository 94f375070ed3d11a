import { spawn } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Programs } from './run-program.ts'
import type { ServerAccount } from './server-account.ts'

/** Folders, programs and account of a server. */
export interface ServerPlace {
  /** Of `initdb` and `postgres`. */
  programs: Programs
  account: ServerAccount
  /** The data folder; its parent must let the account through. */
  data: string
  /** The file that the output of the programs is appended to. */
  log: string
}

export interface ServerProgram {
  /** undefined when the program could not be started; `exited` has resolved then. */
  pid: number | undefined
  kill: (signal: NodeJS.Signals) => void
  hasEnded: () => boolean
  /** Resolves with the exit code; with null after a signal, and when the program could not be started. */
  exited: Promise<number | null>
  /** Reads the log lines of this program, without those of earlier ones. */
  readLines: () => Promise<string[]>
}

interface HowToRun {
  /** In a session of its own, which Ctrl-C at the terminal does not reach. */
  isDetached?: boolean
  /** Variables beside those that every server gets; for the commands that a server runs. */
  environment?: Record<string, string>
}

/** Starts `initdb` or `postgres` as the account of the place. No variable of this process reaches it. */
export async function runServerProgram(
  { programs, account, log }: ServerPlace,
  name: 'initdb' | 'postgres',
  args: string[],
  { isDetached = false, environment = {} }: HowToRun = {},
): Promise<ServerProgram> {
  const output = await open(log, 'a', 0o600)
  try {
    const { size } = await output.stat()
    const child = spawn(programs.folder === '' ? name : join(programs.folder, name), args, {
      ...account,
      cwd: '/',
      // In English, because a start that failed is told by its words.
      env: { PATH: programs.searchPath, LC_ALL: 'C', TZ: 'UTC', ...environment },
      detached: isDetached,
      stdio: ['ignore', output.fd, output.fd],
    })
    let notStarted: string | undefined
    const exited = new Promise<number | null>((resolve) => {
      child.once('exit', resolve)
      child.once('error', (err) => {
        notStarted = err.message
        resolve(null)
      })
    })
    return {
      pid: child.pid,
      kill: (signal) => void child.kill(signal),
      hasEnded: () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined,
      exited,
      readLines: async () => (notStarted === undefined ? linesFrom(log, size) : [notStarted]),
    }
  } finally {
    await output.close()
  }
}

async function linesFrom(path: string, begin: number): Promise<string[]> {
  const written = (await readFile(path)).subarray(begin)
  return written.toString('utf8').trimEnd().split('\n')
}
