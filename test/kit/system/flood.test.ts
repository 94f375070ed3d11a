/**
 * More than the stack can answer, at the front door of the running stack. What Caddy has to hold of it is the danger: where
 * its memory does not suffice it stands still, and with it everything.
 */
import { availableParallelism } from 'node:os'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { proof } from '#app/proof'
import { benchCases } from '../../../bench/api/bench-cases.ts'
import { isWithin, renderFigures, type Figure } from '../storm/figure.ts'
import { runMultiplexedFlood } from '../storm/multiplexed-flood.ts'
import { runFlood, type FloodTarget } from '../storm/run-flood.ts'
import { containerOf, docker, eventually, request, stack } from '../support/stack.ts'
import { signUp } from './faults/support/write-load.ts'

const connections = Number(process.env['FLOOD_CONNECTIONS'] ?? 1_000)
const quietConnections = 16
const listed = 20
const path = `${proof.row.path}?limit=${listed}`

let cookie = ''
let began: string

/** When the containers on the way of a request began, as the engine writes it: another text when one was started anew. */
async function startsOf(): Promise<string> {
  const containers = await Promise.all(['caddy', 'api', 'db'].map(containerOf))
  return docker('inspect', '--format', '{{.State.StartedAt}}', ...containers)
}

function target(): FloodTarget {
  const { httpsPort: port, folder } = stack()
  return { port, isTls: true, folder, cores: String(availableParallelism() - 1) }
}

/** Milliseconds until a request is answered as on a quiet day: 200 within half a second. */
async function recovery(): Promise<number> {
  const begin = performance.now()
  await eventually('a quick answer', async () => {
    const sentAt = performance.now()
    const { status } = await request(path, { headers: { cookie } })
    return (status === 200 && performance.now() - sentAt < 500) || undefined
  })
  return performance.now() - begin
}

function show(title: string, figures: readonly Figure[]): void {
  process.stdout.write(`\n${renderFigures(title, figures)}\n`)
}

beforeAll(async () => {
  cookie = await signUp()
  for (let number = 0; number < listed; number += 1) {
    const body = proof.row.sample(number)
    const { status } = await request(proof.row.path, { method: 'POST', headers: { cookie }, body })
    expect(status).toBe(201)
  }
  began = await startsOf()
})

afterAll(async () => {
  await recovery()
})

it('a flood of connections › leaves a good part of the peak to who is served, and everything running', async () => {
  const requests = benchCases([], cookie, 'list').flatMap((each) => each.requests.map(String))
  await runFlood(target(), { requests, connections: quietConnections, seconds: 10 })
  const quiet = await runFlood(target(), { requests, connections: quietConnections, seconds: 5 })

  const flood = await runFlood(target(), { requests, connections, seconds: 15 })
  const recoveryMs = await recovery()

  const rate = ({ good, seconds }: typeof flood): number => good.count / seconds
  const figures: Figure[] = [
    { name: `peak, ${quietConnections} connections`, value: rate(quiet), unit: '/s' },
    { name: 'goodput of the peak', value: (100 * rate(flood)) / rate(quiet), unit: '%', atLeast: 25 },
    { name: 'refused', value: flood.shed.count / flood.seconds, unit: '/s' },
    { name: 'refused without Retry-After', value: flood.shedWithoutRetryAfter, unit: '', atMost: 0 },
    { name: 'p50 of what was served', value: flood.good.p50Ms, unit: 'ms' },
    { name: 'p99 of what was served', value: flood.good.p99Ms, unit: 'ms', atMost: 5_000 },
    { name: 'connections broken under a request', value: flood.broken, unit: '', atMost: 0 },
    { name: 'a quick answer after the end', value: recoveryMs, unit: 'ms', atMost: 3_000 },
  ]
  show(`${connections} connections through Caddy, each asking again as soon as it is answered`, figures)
  expect(flood.other).toEqual({})
  expect(figures.filter((figure) => !isWithin(figure))).toEqual([])
  expect(await startsOf()).toBe(began)
})

it('a flood over HTTP/2 › is served and refused, and leaves everything running', async () => {
  const { httpsPort: port } = stack()

  const flood = await runMultiplexedFlood({ port, connections: 50, streams: 100, seconds: 8, path, cookie })
  const recoveryMs = await recovery()

  const { 200: served = 0, 503: refused = 0, ...others } = flood.answers
  const figures: Figure[] = [
    { name: 'served', value: served, unit: '', atLeast: 1_000 },
    { name: 'refused', value: refused, unit: '' },
    { name: 'connections broken', value: flood.broken, unit: '', atMost: 0 },
    { name: 'a quick answer after the end', value: recoveryMs, unit: 'ms', atMost: 3_000 },
  ]
  show('5,000 requests at a time over 50 connections', figures)
  expect(others).toEqual({})
  expect(figures.filter((figure) => !isWithin(figure))).toEqual([])
  expect(await startsOf()).toBe(began)
})
