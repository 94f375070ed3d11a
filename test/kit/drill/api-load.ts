import { setTimeout as wait } from 'node:timers/promises'
import { proof } from '#app/proof'
import { createLedger, type Ledger } from './ledger.ts'
import { createStopwatch, type Stopwatch } from './stopwatch.ts'

export interface ApiLoad {
  ledger: Ledger
  stopwatch: Stopwatch
  /** Ends the clients. */
  stop: () => Promise<void>
  /** Sends what is indeterminate once more under the same key: afterwards every write is known. */
  settle: () => Promise<void>
}

interface LoadSettings {
  name: string
  url: () => string
  cookie: string
  clients: number
}

const hangMs = 20_000
const settleMs = 30_000
/** Every so many writes one comes that must be refused: a key again, with another body. */
const refusedEvery = 10

/** Its status; 0 when there was no answer. */
function post({ name, url, cookie }: LoadSettings, key: string, rowKey: string): Promise<number> {
  return fetch(`${url()}${proof.row.path}`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(proof.row.body(rowKey, name)),
    signal: AbortSignal.timeout(hangMs),
  }).then(
    async (response) => (await response.text(), response.status),
    () => 0,
  )
}

/** Clients that write without pause; each write has an idempotency key of its own, which is also the key of its row; the mark of the row is the name of the load. */
export function openApiLoad(settings: LoadSettings): ApiLoad {
  const ledger = createLedger(settings.name)
  const stopwatch = createStopwatch()
  let isRunning = true
  const write = async (number: number): Promise<boolean> => {
    const key = `${settings.name}.${number}`
    const status = await stopwatch.time(
      () => post(settings, key, key),
      (answer) => answer === 201,
    )
    if (status === 201) ledger.acknowledge(number)
    return status === 201
  }
  const beRefused = (number: number): Promise<number> =>
    post(settings, `${settings.name}.${number}`, `${settings.name}.refused`)
  const client = async (): Promise<void> => {
    for (let round = 1; isRunning; round += 1) {
      const number = ledger.issue()
      if (!(await write(number))) await wait(10)
      else if (round % refusedEvery === 0) await beRefused(number)
    }
  }
  const running = Array.from({ length: settings.clients }, client)
  const settle = async (): Promise<void> => {
    const deadline = performance.now() + settleMs
    for (const number of ledger.indeterminate()) {
      while (!(await write(number))) {
        if (performance.now() > deadline) throw new Error(`write ${number} is refused after the recovery`)
        // The server may hold the key for a transaction whose client is gone, until its idle time-out.
        await wait(100)
      }
    }
  }
  const stop = async (): Promise<void> => {
    isRunning = false
    await Promise.all(running)
  }
  return { ledger, stopwatch, stop, settle }
}
