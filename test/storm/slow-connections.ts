import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { Figure } from './figure.ts'
import { keepProbing } from './probes.ts'
import type { StormStage } from './storm-stage.ts'

interface Options {
  /** For how long 500 connections at a time are kept up. */
  seconds: number
}

const connections = 500
/** What the design gives a head, and a whole request; Node looks once a second. */
const limitsMs = { head: 5_000, body: 15_000 }
const checkMs = 1_000
/** For the machine, which has both sides of 500 connections to serve. */
const slackMs = 500

type Kind = keyof typeof limitsMs

const beginnings = (cookie: string): Record<Kind, string> => ({
  head: 'GET /api/me HTTP/1.1\r\nhost: localhost\r\nx-slow: ',
  body: [
    'POST /api/itineraries HTTP/1.1',
    'host: localhost',
    `cookie: ${cookie}`,
    'content-type: application/json',
    'content-length: 1000',
    '',
    '{',
  ].join('\r\n'),
})

interface Attack {
  /** How long each connection lasted until the server had closed it. */
  lastedMs: Record<Kind, number[]>
  stop: () => void
}

/** Each connection sends a byte a second; what the server closes comes back as a new one. */
const attack = ({ api, cookie }: StormStage): Attack => {
  const lastedMs: Attack['lastedMs'] = { head: [], body: [] }
  const sockets = new Set<Socket>()
  let isOver = false
  const open = (kind: Kind): void => {
    const begin = performance.now()
    const socket = connect(api.port, '127.0.0.1')
    const drip = setInterval(() => void socket.write('x'), 1_000)
    socket.on('connect', () => void socket.write(beginnings(cookie)[kind]))
    // Read, or the end of the stream would never be seen.
    socket.resume()
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearInterval(drip)
      sockets.delete(socket)
      if (isOver) return
      lastedMs[kind].push(performance.now() - begin)
      open(kind)
    })
    sockets.add(socket)
  }
  for (let number = 0; number < connections; number += 1) open(number % 2 === 0 ? 'head' : 'body')
  return {
    lastedMs,
    stop: () => {
      isOver = true
      for (const socket of sockets) socket.destroy()
    },
  }
}

const most = (values: readonly number[]): number => (values.length === 0 ? Number.NaN : Math.max(...values))

/** Heads and bodies that come byte by byte, while others ask as ever. */
export const slowConnections = async (stage: StormStage, { seconds }: Options): Promise<Figure[]> => {
  const urls = [`${stage.url}/api/itineraries?limit=20`]
  const headers = { cookie: stage.cookie }
  const measure = async (): Promise<ReturnType<ReturnType<typeof keepProbing>['stop']>> => {
    const probing = keepProbing(urls, 10, headers)
    await wait((seconds * 1_000) / 2)
    return probing.stop()
  }
  await measure()
  const quiet = await measure()
  const attacking = attack(stage)
  const first = await measure()
  const second = await measure()
  attacking.stop()
  const { head, body } = attacking.lastedMs
  const worstP99 = Math.max(first.p99Ms, second.p99Ms)
  return [
    { name: 'slow connections that were closed', value: head.length + body.length, unit: '' },
    {
      name: 'slow head, closed after at most',
      value: most(head),
      unit: 'ms',
      atMost: limitsMs.head + checkMs + slackMs,
    },
    {
      name: 'slow body, closed after at most',
      value: most(body),
      unit: 'ms',
      atMost: limitsMs.body + checkMs + slackMs,
    },
    { name: 'p99 of others before', value: quiet.p99Ms, unit: 'ms' },
    { name: 'p99 of others meanwhile, before = 1', value: worstP99 / quiet.p99Ms, unit: 'times', atMost: 2 },
    { name: 'others that were not served', value: first.failures + second.failures, unit: '', atMost: 0 },
  ]
}
