import { createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { MigrateEvent } from '../../../../src/kit/migrate/event.ts'
import { waitForDatabase } from '../../../../src/kit/migrate/wait-for-database.ts'

let server: Server

afterEach(() => server.close())

/** What a server answers while it recovers: an ErrorResponse (protocol version 3) with cannot_connect_now. */
function starting(): Buffer {
  const fields = 'SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0'
  const length = Buffer.alloc(4)
  length.writeInt32BE(fields.length + 4)
  return Buffer.concat([Buffer.from('E'), length, Buffer.from(fields)])
}

it('waits for a server that says that it is starting, also beyond the time for one that gives no answer', async () => {
  server = createServer((socket) => socket.once('data', () => socket.end(starting())))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `postgres://migrator:x@127.0.0.1:${(server.address() as AddressInfo).port}/slipway`
  const events: MigrateEvent[] = []
  setTimeout(() => server.close(), 1_500)
  const startedAt = performance.now()

  const waiting = waitForDatabase(
    { url, applicationName: 'test', connectTimeoutMs: 1_000, lockTimeoutMs: 500, statementTimeoutMs: 1_000 },
    { waitMs: 300, report: (event) => events.push(event) },
  )

  await expect(waiting).rejects.toMatchObject({ exit: 'unreachable' })
  expect(performance.now() - startedAt).toBeGreaterThan(1_500)
  expect(events[0]).toMatchObject({ sql_state: '57P03', msg: 'the database is still starting' })
})
