/**
 * The load generator, a process of its own. Open loop with --rate (requests become due whether or not answers come, and
 * a latency counts from then), closed loop without; over TLS with --tls. Prints one line of JSON.
 *   node test/kit/storm/flood.ts --port=3000 --requests=FILE --connections=1000 --seconds=10 --rate=5000
 */
import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openFloodConnection, type FloodConnection } from './flood-connection.ts'
import { createTally } from './flood-tally.ts'

/** As long as no client of ours waits. */
const timeoutMs = 5_000

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    tls: { type: 'boolean', default: false },
    requests: { type: 'string', default: '' },
    connections: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '0' },
  },
})
const [port, size, seconds, rate] = [values.port, values.connections, values.seconds, values.rate].map(
  Number,
) as [number, number, number, number]
const requests = (JSON.parse(readFileSync(values.requests, 'utf8')) as string[]).map((text) =>
  Buffer.from(text),
)

const tally = createTally()
let idle: FloodConnection[] = []
let taken = 0
const state = { beganMs: 0, endMs: Number.POSITIVE_INFINITY, next: 0, isOver: false }

function send(connection: FloodConnection, dueMs: number): void {
  connection.send(requests[state.next++ % requests.length] ?? Buffer.alloc(0), dueMs)
}

function isRunning(nowMs: number): boolean {
  return state.beganMs > 0 && nowMs < state.endMs
}

function onIdle(connection: FloodConnection): void {
  const nowMs = performance.now()
  if (rate === 0 && isRunning(nowMs)) send(connection, nowMs)
  else idle.push(connection)
}

function onLost(): void {
  if (!state.isOver) connections.push(open())
}

function open(): FloodConnection {
  return openFloodConnection({ port, isTls: values.tls, tally, onIdle, onLost })
}

/** The one that has been idle for longest, so that all of them take part. */
function takeIdle(): FloodConnection | undefined {
  for (let connection = idle[taken]; connection !== undefined; connection = idle[taken]) {
    taken += 1
    if (taken === 10_000) [idle, taken] = [idle.slice(taken), 0]
    if (connection.isOpen) return connection
  }
  return undefined
}

/** Sends what has become due; what found no connection stays due until it has waited too long. */
async function runOpenLoop(): Promise<void> {
  let due = 0
  for (let nowMs = state.beganMs; nowMs < state.endMs; nowMs = performance.now()) {
    const dueMs = (): number => state.beganMs + (due * 1_000) / rate
    tally.late(nowMs - Math.max(dueMs(), state.beganMs))
    for (; dueMs() <= nowMs; due += 1) {
      const connection = takeIdle()
      if (connection !== undefined) send(connection, dueMs())
      else if (nowMs - dueMs() > timeoutMs) tally.timedOut()
      else break
    }
    // Never asleep: on a loopback whoever sends an answer would pay for waking us, which no network asks of a server.
    await nextTurn()
  }
}

const connections = Array.from({ length: size }, open)
while (idle.length < size) await wait(5)

state.beganMs = performance.now()
state.endMs = state.beganMs + seconds * 1_000
if (rate > 0) {
  await runOpenLoop()
} else {
  for (const connection of idle.splice(0)) send(connection, state.beganMs)
  await wait(seconds * 1_000)
}
const elapsed = (performance.now() - state.beganMs) / 1_000
const lastMs = performance.now() + timeoutMs
while (connections.some(({ dueMs }) => dueMs !== 0) && performance.now() < lastMs) await wait(5)
state.isOver = true
for (const connection of connections) {
  if (connection.dueMs !== 0) tally.timedOut()
  connection.dueMs = 0
  connection.destroy()
}
process.stdout.write(`${JSON.stringify(tally.sum(elapsed))}\n`)
