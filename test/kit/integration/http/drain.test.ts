import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { openFixtureApp, type FixtureApp } from '../../fixture/open-fixture-app.ts'
import { openRawConnection, type RawConnection } from './raw-connection.ts'

let app: FixtureApp
const connections: RawConnection[] = []

afterEach(async () => {
  connections.splice(0).forEach((connection) => connection.destroy())
  await app.close()
})

async function open() {
  const connection = await openRawConnection(app.port)
  connections.push(connection)
  return connection
}

/** A readiness check that answers when it is told to: a request that is under way for as long as the test wants. */
async function openAppWithGate() {
  const gate = Promise.withResolvers<{ ready: true }>()
  app = await openFixtureApp({ health: { ready: () => gate.promise } })
  return gate
}

const request = 'GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n'
async function inFlight() {
  return /^http_requests_in_flight (\d+)$/m.exec(await app.metrics.render())?.[1]
}

describe('draining', () => {
  test('lets a request that runs finish and takes no new one', async () => {
    const gate = await openAppWithGate()
    const running = await open()
    running.write(request)
    await expect.poll(inFlight).toBe('1')

    const drained = app.server.drain({ timeoutMs: 5_000 })
    await expect
      .poll(() =>
        fetch(`${app.url}/livez`).then(
          () => 'open',
          () => 'refused',
        ),
      )
      .toBe('refused')
    gate.resolve({ ready: true })

    expect(await running.closed()).toMatch(/^HTTP\/1\.1 200 /)
    expect(await drained).toEqual({ clean: true })
  })

  test('closes connections that wait for another request at once', async () => {
    app = await openFixtureApp()
    const idle = await open()
    idle.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await idle.waitFor(/"live"/)

    const drained = await app.server.drain({ timeoutMs: 5_000 })

    expect(drained).toEqual({ clean: true })
    await idle.closed(100)
  })

  test('ends connections that a proxy keeps to spare', async () => {
    app = await openFixtureApp()
    app.server.node.headersTimeout = 100
    const timedOut = once(app.server.node, 'clientError')
    const spare = await open()
    await timedOut

    const drained = await app.server.drain({ timeoutMs: 5_000 })

    expect(drained).toEqual({ clean: true })
    expect(await spare.closed(100)).toBe('')
  })

  test('answers what a proxy still sends on a connection that it holds, and ends that connection then', async () => {
    app = await openFixtureApp()
    const held = await open()
    const unused = await open()
    for (const each of [held, unused]) {
      each.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await each.waitFor(/"live"/)
    }

    const drained = app.server.drain({ timeoutMs: 5_000, idleGraceMs: 500 })
    await expect
      .poll(() =>
        fetch(`${app.url}/livez`).then(
          () => 'open',
          () => 'refused',
        ),
      )
      .toBe('refused')
    held.write('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n')

    expect(await held.closed()).toMatch(/connection: close[^]*"live"/i)
    expect(await drained).toEqual({ clean: true })
    await unused.closed(100)
  })

  test('cuts off what is still running at its deadline and says so', async () => {
    const gate = await openAppWithGate()
    const stuck = await open()
    stuck.write(request)
    await expect.poll(inFlight).toBe('1')

    const begin = performance.now()
    const drained = await app.server.drain({ timeoutMs: 200 })

    expect(drained).toEqual({ clean: false })
    expect(performance.now() - begin).toBeLessThan(2000)
    expect(await stuck.closed()).toBe('')
    gate.resolve({ ready: true })
  })

  test('does not wait longer for a client that sends its body byte by byte', async () => {
    app = await openFixtureApp()
    const slow = await open()
    slow.write(
      'POST /api/auth/sign-in/email HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n',
    )
    slow.write('content-length: 100\r\n\r\n{')
    await expect.poll(inFlight).toBe('1')

    expect(await app.server.drain({ timeoutMs: 200 })).toEqual({ clean: false })
    await slow.closed()
  })
})
