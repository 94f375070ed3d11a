import { randomUUID } from 'node:crypto'
import type { Sql } from 'postgres'

/** What became of every write, as its client knows it. */
export interface Ledger {
  acknowledged: Set<string>
  /** Refused, cut off or timed out: may have been stored. */
  indeterminate: Set<string>
  longestWaitMs: number
  /** When the first write after `sinceMs` was acknowledged. */
  firstSuccessAfter: (sinceMs: number) => number | undefined
}

export interface Load {
  ledger: Ledger
  /** Ends the clients, then sends what is indeterminate once more under the same key. */
  stop: () => Promise<void>
}

interface LoadSettings {
  url: () => string
  cookie: string
  clients: number
}

const hangMs = 20_000

/** Writes without pause; each has a key of its own, which is also the title of its row. */
export const openLoad = ({ url, cookie, clients }: LoadSettings): Load => {
  const successes: number[] = []
  const ledger: Ledger = {
    acknowledged: new Set(),
    indeterminate: new Set(),
    longestWaitMs: 0,
    firstSuccessAfter: (sinceMs) => successes.find((ms) => ms >= sinceMs),
  }
  let isRunning = true
  const write = async (key: string): Promise<boolean> => {
    const begin = performance.now()
    const answer = await fetch(`${url()}/api/itineraries`, {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ title: key, destination: 'drill' }),
      signal: AbortSignal.timeout(hangMs),
    }).then(
      async (response) => (await response.text(), response.status),
      () => 0,
    )
    const end = performance.now()
    ledger.longestWaitMs = Math.max(ledger.longestWaitMs, end - begin)
    if (answer === 201) successes.push(end)
    return answer === 201
  }
  const client = async (): Promise<void> => {
    while (isRunning) {
      const key = randomUUID()
      ledger.indeterminate.add(key)
      if (await write(key)) {
        ledger.indeterminate.delete(key)
        ledger.acknowledged.add(key)
      } else {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
  }
  const running = Array.from({ length: clients }, client)
  const settle = async (): Promise<void> => {
    for (const key of ledger.indeterminate) {
      if (!(await write(key))) throw new Error(`a write was refused after the recovery: ${key}`)
      ledger.indeterminate.delete(key)
      ledger.acknowledged.add(key)
    }
  }
  const stop = async (): Promise<void> => {
    isRunning = false
    await Promise.all(running)
    await settle()
  }
  return { ledger, stop }
}

export interface Findings {
  /** Acknowledged and not stored. */
  lost: number
  /** Stored twice, stored without its key, a key without its row: halves of a transaction. */
  leaked: number
}

/** Compares what clients were told with what the database holds. */
export const compareLedger = async (admin: Sql, ledger: Ledger): Promise<Findings> => {
  const rows = await admin<{ title: string }[]>`select title from itineraries where destination = 'drill'`
  const keys = await admin<{ key: string }[]>`select key from idempotency_keys`
  const stored = new Set(rows.map(({ title }) => title))
  const keyed = new Set(keys.map(({ key }) => key))
  const known = (title: string): boolean => ledger.acknowledged.has(title)
  const halves = [...stored].filter((title) => !keyed.has(title) && known(title)).length
  const orphans = [...keyed].filter((key) => !stored.has(key) && known(key)).length
  return {
    lost: [...ledger.acknowledged].filter((title) => !stored.has(title)).length,
    leaked: rows.length - stored.size + halves + orphans,
  }
}
