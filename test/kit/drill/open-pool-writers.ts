import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface WriterSession {
  name: string
  seed: number
  /** Connections; twice as many writers. */
  poolSize: number
  /** Of all writes, from 0 to 1; a third of them is rolled back. */
  transactions: number
}

export type WriterOrder =
  ({ type: 'begin'; url: string } & WriterSession) | { type: 'count' } | { type: 'end' }

export type WriterAnswer =
  | { type: 'counted'; acknowledged: number }
  | { type: 'ended'; acknowledged: number; fates: Uint8Array; longestMs: number }

/** Writers in a process of their own, straight through the guarded pool: what the API does between HTTP and the driver is left out. */
export interface PoolWriters {
  pid: number
  /** Settles when the process ends, whatever ended it. */
  exited: Promise<unknown>
  begin: (session: WriterSession) => void
  acknowledged: () => Promise<number>
  end: () => Promise<WriterAnswer & { type: 'ended' }>
  close: () => Promise<void>
}

const entry = fileURLToPath(new URL('pool-writers.ts', import.meta.url))

export function openPoolWriters(url: string): PoolWriters {
  const child = fork(entry, [], {
    // No URL in the arguments: it holds a password.
    env: { PATH: process.env['PATH'], NODE_NO_WARNINGS: '1' },
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const order = (message: WriterOrder): void => void child.send(message)
  const ask = async <T extends WriterAnswer['type']>(
    message: WriterOrder,
    type: T,
  ): Promise<WriterAnswer & { type: T }> => {
    const ended = exited.then(() => {
      throw new Error('the writers have ended')
    })
    const answered = new Promise<WriterAnswer & { type: T }>((resolve) => {
      const listen = (answer: WriterAnswer): void => {
        if (answer.type !== type) return
        child.off('message', listen)
        resolve(answer as WriterAnswer & { type: T })
      }
      child.on('message', listen)
    })
    order(message)
    return Promise.race([answered, ended])
  }
  return {
    pid: child.pid ?? 0,
    exited,
    begin: (session) => order({ type: 'begin', url, ...session }),
    acknowledged: async () => (await ask({ type: 'count' }, 'counted')).acknowledged,
    end: () => ask({ type: 'end' }, 'ended'),
    close: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}
