import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { openLoad } from '../../../../bench/api/open-load.ts'
import { until } from '../../support/until.ts'

const request = Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')

let server: Server | undefined

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

describe('load', () => {
  test('counts every answer once, also one that arrives in pieces', async () => {
    let answered = 0
    const port = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': 10 })
      res.write('12345')
      setImmediate(() => res.end('67890', () => (answered += 1)))
    })

    const load = await openLoad(port, [request], 3)
    await until('100 answers', () => answered >= 100)
    await load.close()

    expect(load.take().latenciesMs).toHaveLength(answered)
  })

  test('sends the requests in turn', async () => {
    const paths: string[] = []
    const port = await serve((req, res) => {
      paths.push(req.url ?? '')
      res.writeHead(200, { 'content-length': 0 }).end()
    })
    const requests = ['/a', '/b'].map((path) =>
      Buffer.from(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`),
    )

    const load = await openLoad(port, requests, 1)
    await until('4 requests', () => paths.length >= 4)
    await load.close()

    expect(paths.slice(0, 4)).toEqual(['/a', '/b', '/a', '/b'])
  })

  test('fails at the first answer that is no 2xx and quotes it', async () => {
    let count = 0
    const port = await serve((_req, res) => {
      count += 1
      res.writeHead(count === 20 ? 503 : 200, { 'content-length': 4 }).end('away')
    })

    const load = await openLoad(port, [request], 2)

    await expect(load.failed).rejects.toThrow(/no 2xx: HTTP\/1\.1 503[\s\S]*away/)
    await expect(load.close()).rejects.toThrow(/503/)
  })

  test('fails when the server hangs up', async () => {
    const port = await serve((req) => req.socket.destroy())

    const load = await openLoad(port, [request], 1)

    await expect(load.failed).rejects.toThrow(/closed a connection|ECONNRESET/)
    await load.close().catch(() => undefined)
  })

  test('fails on an answer without content-length, whose end it could not know', async () => {
    const port = await serve((_req, res) => {
      res.write('chunked')
      res.end()
    })

    const load = await openLoad(port, [request], 1)

    await expect(load.failed).rejects.toThrow(/without content-length/)
    await load.close().catch(() => undefined)
  })
})
