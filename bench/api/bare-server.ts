/** What the API is compared with: node:http and postgres.js on the same statements, and nothing else at all. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import postgres from 'postgres'
import { proof } from '#app/proof'
import { v7 as uuidv7 } from 'uuid'
import { beforeFirstPage, encodeTimeCursor } from '../../src/kit/http/rest/cursor.ts'

const userId = process.env['BENCH_USER_ID'] ?? ''

const sql = postgres(process.env['DATABASE_URL'] ?? '', {
  max: Number(process.env['DATABASE_POOL_SIZE']),
  onnotice: () => undefined,
  // A calendar date stays text, as in the API; the driver would make a Date of it.
  types: { date: { to: 1082, from: [1082], serialize: String, parse: (value: string) => value } },
})

interface Row {
  id: string
  createdAt: Date
}

const { path, bare } = proof.row

function run(statement: string, parameters: unknown[]): Promise<Row[]> {
  return sql.unsafe<Row[]>(statement, parameters as never[], { prepare: true })
}

function answer(res: ServerResponse, status: number, body: unknown): void {
  const json = JSON.stringify(body)
  res.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) })
  res.end(json)
}

async function read(res: ServerResponse, id: string): Promise<void> {
  const [row] = await run(bare.read, [id, userId])
  answer(res, row === undefined ? 404 : 200, row ?? {})
}

async function list(res: ServerResponse, limit: number): Promise<void> {
  const { createdAt, id } = beforeFirstPage
  const rows = await run(bare.list, [userId, createdAt.toISOString(), id, limit + 1])
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  answer(res, 200, { items, nextCursor: rows.length > limit && last ? encodeTimeCursor(last) : null })
}

async function insert(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const body = JSON.parse(await text(req)) as Record<string, unknown>
  const [row] = await run(bare.insert, bare.insertParameters(uuidv7(), userId, body))
  answer(res, 201, row)
}

function route(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(req.url ?? '/', 'http://localhost')
  if (req.method === 'POST') return insert(req, res)
  if (pathname === path) return list(res, Number(searchParams.get('limit')))
  return read(res, pathname.slice(path.length + 1))
}

const server = createServer((req, res) => {
  route(req, res).catch((err: unknown) => answer(res, 500, { error: String(err) }))
})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ msg: 'listening', http_port: port })}\n`)
})

// An ordinary exit, because the profiler writes its file at one.
process.once('SIGTERM', () => process.exit(0))
