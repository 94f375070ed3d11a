/** What the settings of the site make of Caddy: its image alone, beside a stand-in for the API that says what it was handed. */
import { createHash } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { compose, docker, stack } from '../support/stack.ts'
import { until } from '../support/until.ts'

const standIn = '{\n admin off\n}\n:3000 {\n respond "from {http.request.header.X-Forwarded-For}" 200\n}\n'

let image: string
let names: { caddy: string; api: string; network: string }

beforeAll(async () => {
  // Compose names those that Caddy depends on too.
  const images = (await compose('config', '--images', 'caddy')).split('\n')
  image = images.find((name) => /\/caddy:/.test(name)) ?? ''
  const id = createHash('sha256').update(stack().project).digest('hex').slice(0, 8)
  names = { caddy: `slipway-front-${id}`, api: `slipway-front-api-${id}`, network: `slipway-front-${id}` }
})

async function remove(): Promise<void> {
  await docker('rm', '--force', '--volumes', names.api, names.caddy).catch(() => undefined)
}
afterEach(remove)
afterAll(async () => {
  await docker('network', 'rm', names.network).catch(() => undefined)
})

/** Caddy with these settings; the ports that the engine gave it. */
async function open(settings: Record<string, string>, network = 'bridge') {
  await remove()
  const env = Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`])
  const where = [
    '--network',
    network,
    '--add-host',
    'api:127.0.0.1',
    '-p',
    '127.0.0.1::80',
    '-p',
    '127.0.0.1::443',
  ]
  await docker('run', '--detach', '--name', names.caddy, ...where, ...env, '--tmpfs', '/maintenance', image)
  const command = [
    '-c',
    `printf '%s' "$0" >/tmp/C; exec caddy run --config /tmp/C --adapter caddyfile`,
    standIn,
  ]
  await docker(
    'run',
    '--detach',
    '--name',
    names.api,
    '--network',
    `container:${names.caddy}`,
    '--entrypoint',
    'sh',
    image,
    ...command,
  )
  const portOf = async (port: string) =>
    Number((await docker('port', names.caddy, port)).trim().split(':').at(-1))
  const ports = { http: await portOf('80/tcp'), https: await portOf('443/tcp') }
  const ready = async () =>
    (await docker('exec', names.caddy, 'wget', '-q', '-O', '-', 'http://127.0.0.1:3000/')) !== ''
  await until('the stand-in', () => ready().catch(() => false), { deadlineMs: 20_000 })
  return ports
}

interface Asked {
  host?: string
  headers?: Record<string, string>
  path?: string
  body?: Buffer
  /** Length of a body that is announced and never sent. */
  declared?: number
  /** Without a name in the handshake, as who asks for an address. */
  nameless?: boolean
}

async function askOnce(port: number, isTls: boolean, asked: Asked) {
  const host = asked.host ?? 'localhost'
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path: asked.path ?? '/api/x',
      method: (asked.body ?? asked.declared) === undefined ? 'GET' : 'POST',
      headers: {
        host,
        ...asked.headers,
        ...(asked.declared === undefined ? {} : { 'content-length': asked.declared }),
      },
      agent: false,
    }
    // The tests of the stack verify the certificate; these are about what comes after.
    const tls = { rejectUnauthorized: false, ...(asked.nameless === true ? {} : { servername: host }) }
    const outgoing = isTls ? httpsRequest({ ...options, ...tls }, resolve) : httpRequest(options, resolve)
    outgoing.on('error', reject)
    if (asked.declared === undefined) outgoing.end(asked.body)
    else outgoing.flushHeaders()
  })
  return { status: incoming.statusCode, location: incoming.headers.location, said: await text(incoming) }
}

/** Asks again while the certificate is being made. */
function ask(port: number, isTls: boolean, asked: Asked) {
  return until('an answer', () => askOnce(port, isTls, asked).catch(() => undefined), { deadlineMs: 20_000 })
}

const forged = { 'x-forwarded-for': '198.51.100.66', 'cf-connecting-ip': '198.51.100.67' }

describe('the address that the API is handed', () => {
  it('with nothing in front › is that of the peer, whatever headers say', async () => {
    const { https } = await open({})

    expect((await ask(https, true, { headers: forged })).said).not.toContain('198.51.100')
  })

  it('behind a trusted network › is the last one that is not trusted, IPv4 or IPv6', async () => {
    const { https } = await open({ TRUSTED_FRONT: 'private' })
    const from = (hops: string) => ask(https, true, { headers: { 'x-forwarded-for': hops } })

    expect((await from('198.51.100.66, 203.0.113.9, 10.1.1.1')).said).toBe('from 203.0.113.9')
    expect((await from('2001:db8::7')).said).toBe('from 2001:db8::7')
    expect((await from('no address')).said).toMatch(/^from (10|172|192)\.[\d.]+$/)
  })

  it('behind Cloudflare › is that of CF-Connecting-IP; from elsewhere both headers are worthless', async () => {
    const outside = await open({ TRUSTED_FRONT: 'cloudflare' })
    expect((await ask(outside.https, true, { headers: forged })).said).not.toContain('198.51.100')

    // One of Cloudflare's networks, so that the peer is one of their addresses.
    await docker('network', 'create', '--subnet', '173.245.63.240/28', names.network)
    const inside = await open({ TRUSTED_FRONT: 'cloudflare' }, names.network)

    expect((await ask(inside.https, true, { headers: forged })).said).toBe('from 198.51.100.67')
  })
})

describe('the names of the site', () => {
  it('other names of DOMAIN › redirect to PUBLIC_URL, over both ports', async () => {
    const { http, https } = await open({ DOMAIN: 'a.example,www.a.example', PUBLIC_URL: 'https://a.example' })
    const moved = { status: 308, location: 'https://a.example/p?q=1', said: '' }

    expect(await ask(https, true, { host: 'www.a.example', path: '/p?q=1' })).toEqual(moved)
    expect(await ask(http, false, { host: 'www.a.example', path: '/p?q=1' })).toEqual(moved)
    expect((await ask(https, true, { host: 'a.example' })).status).toBe(200)
  })

  it('an IP address › is served to who names no server', async () => {
    const { https } = await open({ DOMAIN: '203.0.113.5', PUBLIC_URL: 'https://203.0.113.5' })

    expect((await ask(https, true, { host: '203.0.113.5', nameless: true })).status).toBe(200)
  })

  it('TLS=off › serves plain HTTP under the name of PUBLIC_URL, and redirects nothing to itself', async () => {
    const { http } = await open({
      TLS: 'off',
      DOMAIN: 'a.example',
      PUBLIC_URL: 'https://a.example',
      TRUSTED_FRONT: 'private',
    })
    const headers = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }

    expect(await ask(http, false, { host: 'a.example', headers })).toMatchObject({
      status: 200,
      said: 'from 203.0.113.9',
    })
  })

  it('settings that contradict each other › end the container with every fault', async () => {
    await remove()
    const env = ['--env', 'DOMAIN=a.example', '--env', 'PROXY_ANSWER_TIMEOUT_MS=1']
    const ended = docker('run', '--name', names.caddy, ...env, image)

    await expect(ended).rejects.toThrow(/error: PUBLIC_URL: [^]*error: PROXY_ANSWER_TIMEOUT_MS: /)
  })
})

describe('the limit of a body', () => {
  it('follows HTTP_BODY_LIMIT_BYTES', async () => {
    const body = Buffer.alloc(15_000_000)

    const raised = await open({ HTTP_BODY_LIMIT_BYTES: '20971520' })
    expect((await ask(raised.https, true, { body })).status).toBe(200)

    const usual = await open({ HTTP_BODY_LIMIT_BYTES: '' })
    expect((await ask(usual.https, true, { declared: 150_000_000 })).status).toBe(413)
  })
})
