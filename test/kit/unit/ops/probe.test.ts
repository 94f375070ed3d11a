import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder = ''
let server: Server

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway probe '))
  server = createServer((req, res) => {
    if (req.url === '/silent') return
    res.writeHead(req.url === '/readyz' ? 200 : 503).end('{"detail":"the database does not answer"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true, force: true })
})

function portOf() {
  return String((server.address() as AddressInfo).port)
}

function probe(port: string, path: string): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const env = {
      PATH: process.env['PATH'],
      PROBE_FOLDER: folder,
      PROBE_TIMEOUT_SECONDS: '1',
      PROBE_SILENCE_SECONDS: '0',
    }
    execFile(join('ops', 'probe.sh'), [port, path], { env }, (err, said) =>
      resolve({ code: err === null ? 0 : Number(err.code), said: said.trim() }),
    )
  })
}

it('is well when the answer is 200', async () => {
  expect(await probe(portOf(), '/readyz')).toEqual({ code: 0, said: '' })
})

it('is not well with another answer, and says which', async () => {
  expect(await probe(portOf(), '/api/health/db')).toEqual({
    code: 1,
    said: '{"detail":"the database does not answer"}',
  })
})

it('is not well when nothing listens, which is no silence', async () => {
  expect(await probe('1', '/readyz')).toEqual({ code: 1, said: 'nothing listens on port 1' })
  expect(existsSync(join(folder, 'silent-since'))).toBe(false)
})

it('a server that answers nothing › is noted, kills nothing outside a container, and is forgotten after an answer', async () => {
  expect(await probe(portOf(), '/silent')).toEqual({ code: 1, said: 'no answer within 1 s' })
  expect(await probe(portOf(), '/readyz')).toEqual({ code: 0, said: '' })
  expect(existsSync(join(folder, 'silent-since'))).toBe(false)
})
