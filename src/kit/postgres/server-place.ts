import { spawn, type ChildProcess } from 'node:child_process'
import { readFile, type FileHandle } from 'node:fs/promises'
import type { EmbeddedBinaries } from './embedded-binaries.ts'
import type { ServerAccount } from './server-account.ts'

/** Where an embedded server lives and as whom. */
export interface Place {
  data: string
  log: string
  binaries: EmbeddedBinaries
  account: ServerAccount
}

// Messages in English, because a start that failed is recognised by its words; no other variable reaches the server.
const environment = { LC_ALL: 'C', TZ: 'UTC' }

export const runInPlace = async (
  command: string,
  args: string[],
  place: Place,
  log: FileHandle,
): Promise<ChildProcess> => {
  const child = spawn(command, args, {
    ...place.account,
    cwd: '/',
    env: environment,
    // A session of its own: Ctrl-C at the terminal must reach the API first and the server last.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
  return child
}

export const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', resolve))

/** The end of the server's log, on one line for a hint. */
export const lastLines = async (path: string): Promise<string> =>
  (await readFile(path, 'utf8')).trimEnd().split('\n').slice(-5).join(' | ')
