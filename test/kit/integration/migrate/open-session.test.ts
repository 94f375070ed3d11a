import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSession } from '../../../../src/kit/migrate/open-session.ts'
import { waitForDatabase } from '../../../../src/kit/migrate/wait-for-database.ts'
import { openMigratorDatabase } from './support/migrator-database.ts'
import { openStatementProxy } from './support/statement-proxy.ts'

function settingsFor(url: string) {
  return {
    url,
    applicationName: 'test',
    connectTimeoutMs: 5_000,
    lockTimeoutMs: 500,
    statementTimeoutMs: 5_000,
  }
}

const listenAndFreeze = `
  const { parentPort } = require('node:worker_threads')
  const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`

/** A port whose accept queue is full, so that the kernel drops every further SYN as a firewall would. */
async function openFullQueue(): Promise<number> {
  const worker = new Worker(listenAndFreeze, { eval: true })
  onTestFinished(async () => {
    await worker.terminate()
  })
  const [port] = (await once(worker, 'message')) as [number]
  for (let filler = 0; filler < 4; filler += 1) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    onTestFinished(() => void socket.destroy())
  }
  await sleep(100)
  return port
}

describe('openSession', () => {
  it('never goes on in a second session once the first is lost', async () => {
    const database = await openMigratorDatabase()
    const proxy = await openStatementProxy(database.urlFor('migrator'), { at: 3, when: 'after_reply' })
    const session = await openSession(settingsFor(proxy.url))
    await session.run('begin; create table ships ()')
    // Long enough for the driver to notice, as while a process is paused or busy.
    await sleep(200)

    const next = session.run('create table masts ()')

    await expect(next).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    await expect(session.run('rollback')).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' })
    expect(proxy.statements.at(-1)).toContain('create table ships')
    const found = database.sql`select to_regclass('ships') as ships, to_regclass('masts') as masts`
    expect(await found).toEqual([{ ships: null, masts: null }])
    await session.close()
  })

  it('tries a server that hangs up at start-up a few times, not thousands of times', async () => {
    let connections = 0
    const server = createServer((socket) => {
      connections += 1
      socket.destroy()
    })
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `postgres://migrator:x@127.0.0.1:${(server.address() as AddressInfo).port}/x`

    const session = waitForDatabase(settingsFor(url), { waitMs: 1_500, report: () => undefined })

    await expect(session).rejects.toMatchObject({ exit: 'unreachable' })
    expect(connections).toBeGreaterThan(1)
    expect(connections).toBeLessThan(20)
  })

  it('gives up on a host that drops packets', async () => {
    const port = await openFullQueue()
    const startedAt = performance.now()

    const session = waitForDatabase(settingsFor(`postgres://migrator:x@127.0.0.1:${port}/x`), {
      waitMs: 700,
      report: () => undefined,
    })

    await expect(session).rejects.toMatchObject({
      exit: 'unreachable',
      fields: { sql_state: 'CONNECT_TIMEOUT' },
    })
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it('gives up on a server that accepts and never answers', async () => {
    const server = createServer(() => undefined)
    onTestFinished(() => void server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const url = `postgres://migrator:x@127.0.0.1:${(server.address() as AddressInfo).port}/x`
    const startedAt = performance.now()

    const session = waitForDatabase(settingsFor(url), { waitMs: 700, report: () => undefined })

    await expect(session).rejects.toMatchObject({ exit: 'unreachable' })
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})
