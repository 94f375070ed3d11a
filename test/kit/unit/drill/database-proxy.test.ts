import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { until } from '../../support/until.ts'

/** A server that sends back what it gets, and remembers it. */
async function openEcho() {
  const heard: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.setEncoding('utf8').on('error', () => undefined))
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (text: string) => {
      heard.push(text)
      socket.write(text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, heard, sockets, server }
}

let echo: Awaited<ReturnType<typeof openEcho>>
let proxy: DatabaseProxy

beforeEach(async () => {
  echo = await openEcho()
  proxy = await openDatabaseProxy('127.0.0.1', echo.port)
})

afterEach(async () => {
  await proxy.close()
  echo.server.close()
})

async function open() {
  const client = { text: '', end: '' }
  const socket = connect(proxy.port, '127.0.0.1').setEncoding('utf8')
  socket.on('data', (text: string) => (client.text += text))
  socket.on('end', () => (client.end ||= 'end'))
  socket.on('error', (err) => (client.end ||= (err as NodeJS.ErrnoException).code ?? ''))
  await once(socket, 'connect')
  return { client, say: (text: string) => socket.write(text), socket }
}

async function answers(opened: Awaited<ReturnType<typeof open>>, text: string): Promise<void> {
  opened.say(text)
  await until(`an answer to ${text}`, () => opened.client.text.includes(text))
}

it('swallows what is sent in a partition, on old connections and new ones, and tells the server nothing', async () => {
  const old = await open()
  await answers(old, 'before')

  proxy.partition()
  const young = await open()
  old.say('lost')
  young.say('lost too')
  old.socket.destroy()
  proxy.heal('silent')
  await answers(await open(), 'after')

  expect(echo.heard).toEqual(['before', 'after'])
  expect(echo.sockets.size).toBe(2)
  expect(young.client).toEqual({ text: '', end: '' })
})

it.each([
  ['half-closed', 'end'],
  ['reset', 'ECONNRESET'],
] as const)('ends what lived through a partition when it heals: %s', async (how, end) => {
  const old = await open()
  await answers(old, 'before')

  proxy.partition()
  old.say('lost')
  proxy.heal(how)
  await until('the client is told', () => old.client.end !== '')

  expect(old.client).toEqual({ text: 'before', end })
  expect(echo.heard).toEqual(['before'])
})

it('loses the answer with the given words and what would follow, on that connection alone', async () => {
  const [one, two] = [await open(), await open()]
  await answers(one, 'before')

  proxy.loseAnswer('done')
  one.say('it is done')
  await until('the server has heard it', () => echo.heard.includes('it is done'))
  one.say('and now?')
  await answers(two, 'is it done?')
  await until('the server has heard the rest', () => echo.heard.includes('and now?'))

  expect(one.client).toEqual({ text: 'before', end: '' })
})

it('forgets the connections of now, and sends new ones elsewhere when told', async () => {
  const other = await openEcho()
  const old = await open()
  await answers(old, 'before')

  proxy.strand()
  old.say('lost')
  proxy.sendTo(other.port)
  await answers(await open(), 'elsewhere')

  expect(echo.heard).toEqual(['before'])
  expect(other.heard).toEqual(['elsewhere'])
  other.server.close()
})
