import { randomUUID } from 'node:crypto'
import { Agent } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'

import { proof } from '#app/proof'
import { request, type Answer } from '../../../support/stack.ts'
import { until } from '../../../support/until.ts'

/** What became of every write, as its client knows it. Each is named by its key, which is also the key of its row. */
export interface Ledger {
  acknowledged: Set<string>
  /** Answered with 4xx: must not have been stored. */
  refused: Set<string>
  /** Cut off, or answered with 5xx: may have been stored. */
  indeterminate: Set<string>
  /** Answers other than 201 by status, 0 where there was none. */
  failures: Record<string, number>
  longestWaitMs: number
  /** Times of the acknowledgements, of Date.now(). */
  successes: number[]
}

export interface WriteLoad {
  ledger: Ledger
  /** Ends the clients once their last write is answered. */
  stop: () => Promise<void>
  /** Sends what is indeterminate once more under the same key, until all of it is acknowledged. */
  settle: () => Promise<void>
}

interface Settings {
  cookie: string
  /** In the mark column of every row: tells the rows of this load from others. */
  mark: string
  clients?: number
}

// A client that is told to come back does so; ours are only less patient than Retry-After.
const pauseMs = 50
/** Twice the time after which PostgreSQL ends a session that sits in a transaction. */
const settleMs = 20_000

/** A user of its own, signed in; the cookie. */
export async function signUp(): Promise<string> {
  const body = {
    name: 'Fault',
    email: `fault+${randomUUID()}@example.com`,
    password: 'correct horse battery staple',
  }
  const answer = await request('/api/auth/sign-up/email', { method: 'POST', body })
  if (answer.status !== 200) throw new Error(`sign-up answered ${answer.status}: ${answer.text}`)
  const cookies = answer.headers['set-cookie']
  return (Array.isArray(cookies) ? cookies : []).map((line) => line.split(';')[0]).join('; ')
}

/** Clients that write through Caddy without pause, each write once. */
export function openWriteLoad({ cookie, mark, clients = 8 }: Settings): WriteLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const ledger: Ledger = {
    acknowledged: new Set(),
    refused: new Set(),
    indeterminate: new Set(),
    failures: {},
    longestWaitMs: 0,
    successes: [],
  }
  const record = (key: string, answer: Answer | undefined, tookMs: number): boolean => {
    const status = answer?.status ?? 0
    ledger.longestWaitMs = Math.max(ledger.longestWaitMs, tookMs)
    if (status === 201) {
      ledger.indeterminate.delete(key)
      ledger.acknowledged.add(key)
      ledger.successes.push(Date.now())
      return true
    }
    ledger.failures[status] = (ledger.failures[status] ?? 0) + 1
    if (status >= 400 && status < 500 && ledger.indeterminate.delete(key)) ledger.refused.add(key)
    return false
  }
  const write = async (key: string): Promise<boolean> => {
    const headers = { cookie, 'idempotency-key': key }
    const body = proof.row.body(key, mark)
    const begin = performance.now()
    const asked = request(proof.row.path, { method: 'POST', headers, body, agent })
    const answer = await asked.catch(() => undefined)
    return record(key, answer, performance.now() - begin)
  }
  let isRunning = true
  const client = async (): Promise<void> => {
    while (isRunning) {
      const key = randomUUID()
      ledger.indeterminate.add(key)
      if (!(await write(key))) await wait(pauseMs)
    }
  }
  const running = Array.from({ length: clients }, client)
  // A transaction that the fault cut off may still hold the key's row: until the server ends it, that key is answered 503.
  const settler = async (keys: Iterator<string>): Promise<void> => {
    for (let next = keys.next(); next.done !== true; next = keys.next()) {
      const key = next.value
      await until(`the write ${key} is acknowledged when it is sent again`, () => write(key), {
        deadlineMs: settleMs,
        explain: () => JSON.stringify(ledger.failures),
      })
    }
  }
  return {
    ledger,
    stop: async () => {
      isRunning = false
      await Promise.all(running)
    },
    settle: async () => {
      const keys = [...ledger.indeterminate].values()
      await Promise.all(running.map(() => settler(keys)))
      agent.destroy()
    },
  }
}
