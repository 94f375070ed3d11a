import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyRow } from '../../../../src/kit/config/key-row.ts'
import { keys } from '../../../../src/kit/config/keys.ts'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

let copy: OpsCopy

beforeAll(() => {
  copy = openOpsCopy()
  // Caddy in its container, which says what it was given.
  writeFileSync(join(copy.root, 'bin/caddy'), '#!/bin/sh\nenv\n', { mode: 0o755 })
})
afterAll(() => copy.close())

/** start.sh as in the container, with the settings in the environment. */
function start(env: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync('sh', [join(copy.root, 'ops/caddy/start.sh')], {
    encoding: 'utf8',
    env: { PATH: `${join(copy.root, 'bin')}:${process.env['PATH'] ?? ''}`, ...env },
  })
  return { status, given: stdout, said: stderr }
}

const example = { DOMAIN: 'example.com', PUBLIC_URL: 'https://example.com' }

describe('settings of the site', () => {
  it.each([
    {
      DOMAIN: '',
      TLS: '',
      PUBLIC_URL: '',
      PUBLIC_HTTP_PORT: '',
      TRUSTED_FRONT: '',
      HTTP_BODY_LIMIT_BYTES: '',
    },
    { ...example, TLS: 'you@example.com' },
    { ...example, TLS: 'internal', PUBLIC_URL: 'https://EXAMPLE.com/' },
    { DOMAIN: 'Example.COM', PUBLIC_URL: 'https://example.com' },
    { DOMAIN: 'example.com, www.example.com', PUBLIC_URL: 'https://www.example.com' },
    { DOMAIN: 'example.com www.example.com', PUBLIC_URL: 'https://example.com' },
    { DOMAIN: 'xn--bcher-kva.example', PUBLIC_URL: 'https://xn--bcher-kva.example' },
    { DOMAIN: '203.0.113.5', PUBLIC_URL: 'https://203.0.113.5' },
    { DOMAIN: '2001:db8::5', PUBLIC_URL: 'https://[2001:db8::5]' },
    { PUBLIC_HTTPS_PORT: '8443', PUBLIC_URL: 'https://localhost:8443' },
    { ...example, PUBLIC_HTTPS_PORT: '8443', TRUSTED_FRONT: '10.0.0.0/8' },
    { ...example, TLS: 'off', PUBLIC_HTTP_PORT: '8080', PUBLIC_HTTPS_PORT: '0' },
    { DOMAIN: 'nas.lan', TLS: 'off', PUBLIC_URL: 'http://nas.lan' },
    { TRUSTED_FRONT: 'cloudflare, private, 203.0.113.0/24, 2001:db8::/32, 198.51.100.7' },
    { TLS: 'off', PUBLIC_HTTP_PORT: '8080', PUBLIC_URL: 'http://localhost:8080' },
    { TLS: 'off', PUBLIC_HTTP_PORT: '8080', PUBLIC_URL: 'http://localhost', TRUSTED_FRONT: 'private' },
    { TLS: 'off' },
    { PUBLIC_URL: 'HTTPS://LocalHost' },
    { ...example, TLS: 'First.Last+x@Example.COM' },
    { DOMAIN: '[2001:DB8::5]', PUBLIC_URL: 'https://[2001:db8::5]' },
    { DOMAIN: '::ffff:192.0.2.1', PUBLIC_URL: 'https://[::ffff:192.0.2.1]' },
    { TRUSTED_FRONT: 'Cloudflare FD00::/8' },
    { BIND_ADDRESS: '::1' },
    { BIND_ADDRESS_IPV6: '::', PUBLIC_IPV6: 'true' },
  ])('%j › are accepted', (env) => {
    expect(start(env)).toMatchObject({ status: 0, said: '' })
  })

  it.each([
    [{ DOMAIN: 'https://example.com' }, 'DOMAIN'],
    [{ DOMAIN: 'example.com:8443' }, 'DOMAIN'],
    [{ DOMAIN: '*.example.com' }, 'DOMAIN'],
    [{ DOMAIN: 'example.com.' }, 'DOMAIN'],
    [{ DOMAIN: 'a]b[c' }, 'DOMAIN'],
    [{ DOMAIN: '1::2::3' }, 'DOMAIN'],
    [{ DOMAIN: '2001:db8:::5' }, 'DOMAIN'],
    [{ DOMAIN: '12345::1' }, 'DOMAIN'],
    [{ DOMAIN: '1:2:3:4:5:6:7:8:9' }, 'DOMAIN'],
    [{ DOMAIN: '1:2:3' }, 'DOMAIN'],
    [{ DOMAIN: `${'a'.repeat(64)}.example` }, 'DOMAIN'],
    [{ DOMAIN: 'bad_name.example' }, 'DOMAIN'],
    [{ DOMAIN: '-bad.example' }, 'DOMAIN'],
    [{ DOMAIN: '256.1.1.1' }, 'DOMAIN'],
    [{ DOMAIN: ',' }, 'DOMAIN'],
    [{ DOMAIN: 'example.com{' }, 'DOMAIN'],
    [{ TLS: 'on' }, 'TLS'],
    [{ TLS: 'you@' }, 'TLS'],
    [{ ...example, TLS: '#@example.com' }, 'TLS'],
    [{ ...example, TLS: 'you@example..com' }, 'TLS'],
    [{ ...example, TLS: 'you@-example.com' }, 'TLS'],
    [{ ...example, TLS: 'you`@example.com' }, 'TLS'],
    [{ DOMAIN: 'shop.test', PUBLIC_URL: 'https://shop.test', TLS: 'you@example.com' }, 'TLS'],
    [{ TLS: 'you@example.com' }, 'TLS'],
    [{ DOMAIN: '203.0.113.5', PUBLIC_URL: 'https://203.0.113.5', TLS: 'you@example.com' }, 'TLS'],
    [{ ...example, TLS: 'a b@example.com' }, 'TLS'],
    [{ DOMAIN: 'example.com' }, 'PUBLIC_URL'],
    [{ ...example, PUBLIC_URL: 'https://example.org' }, 'PUBLIC_URL'],
    [{ ...example, PUBLIC_URL: 'https://example.com.evil' }, 'PUBLIC_URL'],
    [{ ...example, PUBLIC_URL: 'https://example.com/path' }, 'PUBLIC_URL'],
    [{ ...example, PUBLIC_URL: 'http://example.com' }, 'PUBLIC_URL'],
    [{ ...example, PUBLIC_URL: 'example.com' }, 'PUBLIC_URL'],
    [{ PUBLIC_HTTPS_PORT: '8443' }, 'PUBLIC_URL'],
    [{ PUBLIC_URL: 'https://localhost:8443' }, 'PUBLIC_URL'],
    [{ TLS: 'off', PUBLIC_URL: 'http://localhost', PUBLIC_HTTP_PORT: '8080' }, 'PUBLIC_URL'],
    [{ PUBLIC_HTTP_PORT: '0' }, 'PUBLIC_HTTP_PORT'],
    [{ PUBLIC_HTTP_PORT: '080' }, 'PUBLIC_HTTP_PORT'],
    [{ PUBLIC_HTTP_PORT: '443' }, 'PUBLIC_HTTPS_PORT'],
    [{ PUBLIC_HTTP_PORT: '80a' }, 'PUBLIC_HTTP_PORT'],
    [{ PROMETHEUS_PORT: '443' }, 'PROMETHEUS_PORT'],
    [{ PROMETHEUS_PORT: '70000' }, 'PROMETHEUS_PORT'],
    [{ BIND_ADDRESS: 'eth0' }, 'BIND_ADDRESS'],
    [{ BIND_ADDRESS_IPV6: '::' }, 'BIND_ADDRESS_IPV6'],
    [{ BIND_ADDRESS_IPV6: '0.0.0.0', PUBLIC_IPV6: 'true' }, 'BIND_ADDRESS_IPV6'],
    [{ PUBLIC_IPV6: 'yes' }, 'PUBLIC_IPV6'],
    [{ TRUSTED_FRONT: 'cloudfare' }, 'TRUSTED_FRONT'],
    [{ TRUSTED_FRONT: '*' }, 'TRUSTED_FRONT'],
    [{ TRUSTED_FRONT: ',' }, 'TRUSTED_FRONT'],
    [{ TRUSTED_FRONT: '10.0.0.0/08' }, 'TRUSTED_FRONT'],
    [{ TRUSTED_FRONT: '10.0.0.0/33' }, 'TRUSTED_FRONT'],
    [{ TRUSTED_FRONT: '0.0.0.0/0' }, 'TRUSTED_FRONT'],
    [{ TRUSTED_FRONT: '0.0.0.0/1,128.0.0.0/1' }, 'TRUSTED_FRONT'],
    [{ TRUSTED_FRONT: '2000::/3' }, 'TRUSTED_FRONT'],
    [{ TRUSTED_FRONT: '::/0' }, 'TRUSTED_FRONT'],
    [{ HTTP_BODY_LIMIT_BYTES: '20MB' }, 'HTTP_BODY_LIMIT_BYTES'],
    [{ HTTP_BODY_LIMIT_BYTES: '09000000' }, 'HTTP_BODY_LIMIT_BYTES'],
    [{ HTTP_DRAIN_DELAY_MS: '08' }, 'HTTP_DRAIN_DELAY_MS'],
    [{ DATABASE_POOL_SIZE: '0' }, 'DATABASE_POOL_SIZE'],
    [{ HTTP_RECEIVE_TIMEOUT_MS: '4000' }, 'HTTP_HEADERS_TIMEOUT_MS'],
    [{ HTTP_HEADERS_TIMEOUT_MS: '15000' }, 'HTTP_HEADERS_TIMEOUT_MS'],
    [{ PROXY_ANSWER_TIMEOUT_MS: '15000' }, 'PROXY_ANSWER_TIMEOUT_MS'],
    [{ HTTP_RECEIVE_TIMEOUT_MS: '60000', PROXY_ANSWER_TIMEOUT_MS: '20000' }, 'PROXY_ANSWER_TIMEOUT_MS'],
    [{ HTTP_SHUTDOWN_TIMEOUT_MS: '27000' }, 'HTTP_SHUTDOWN_TIMEOUT_MS'],
    [{ PROXY_HEADERS_TIMEOUT_MS: '20000' }, 'PROXY_HEADERS_TIMEOUT_MS'],
  ])('%j › are refused with the name of %s', (env, key) => {
    const { status, given, said } = start(env)

    expect({ status, given }).toEqual({ status: 2, given: '' })
    expect(said).toMatch(new RegExp(`^error: ${key}: .*\\nhint: `, 'm'))
  })

  it.each([
    [{ DOMAIN: '*' }, 'got *'],
    [{ DOMAIN: 'bad_name' }, 'got bad_name'],
    [{ DOMAIN: '$(touch p)' }, 'got $(touch'],
    [{ ...example, PUBLIC_URL: 'https://example.com\n\t{' }, 'got https://example.com  {'],
  ])('%j › shows what was written, and no setting that is right is blamed', (env, shown) => {
    const lines = start(env).said.split('\n').slice(0, -1)

    expect(lines[0]).toContain(shown)
    const keys = lines.map((line) => /^(?:hint|error: [A-Z_]+)/.exec(line)?.[0])
    const [key = ''] = Object.keys(env).slice(-1)
    expect(new Set(keys)).toEqual(new Set([`error: ${key}`, 'hint']))
  })

  it('each fault has its line of .env, the last one of a setting, or the environment, and all are told at once', async () => {
    const lines = ['DOMAIN=ok.example', 'TLS=on', 'DOMAIN=bad_name', 'PUBLIC_HTTP_PORT=x', 'BIND_ADDRESS=y']
    writeFileSync(join(copy.root, '.env'), `${lines.join('\n')}\n`)

    const { code, said } = await copy.start('check-settings.sh').ended

    expect(code).toBe(2)
    expect(said.match(/^error: [^:]*: [A-Z_]+/gm)).toEqual([
      'error: .env line 3: DOMAIN',
      'error: .env line 2: TLS',
      'error: .env line 4: PUBLIC_HTTP_PORT',
      'error: .env line 5: BIND_ADDRESS',
    ])
    rmSync(join(copy.root, '.env'))
  })

  it.each([
    ['example.com, www.example.com', 'example.com,www.example.com', 'example.com'],
    [' example.com\nwww.example.com, ', 'example.com,www.example.com', 'example.com'],
    ['2001:db8::5', '2001:db8::5', '[2001:db8::5]'],
    ['[2001:db8::5]', '[2001:db8::5]', '[2001:db8::5]'],
  ])('setup of the domain %j › writes %s and its address', async (DOMAIN, names, host) => {
    const environment = { DOMAIN, TLS: 'internal' }

    const { said } = await copy.start('setup.sh', [], { environment }).ended

    const written = readFileSync(join(copy.root, '.env'), 'utf8')
    rmSync(join(copy.root, '.env'))
    expect(said).toContain('wrote .env\n')
    expect(written.match(/^(DOMAIN|PUBLIC_URL)=.*/gm)).toEqual([
      `PUBLIC_URL=https://${host}`,
      `DOMAIN=${names}`,
    ])
  })

  it('setup that is asked for other values than those of .env › says that it keeps them', async () => {
    writeFileSync(join(copy.root, '.env'), 'DOMAIN=localhost\nTLS=internal\n')

    const { said } = await copy.start('setup.sh', [], {
      environment: { DOMAIN: 'example.com', TLS: 'you@example.com' },
    }).ended

    rmSync(join(copy.root, '.env'))
    expect(said).toContain('kept .env, which says DOMAIN=localhost: for another change')
    expect(said).toContain('kept .env, which says TLS=internal: for another change')
  })

  const scriptsAlone = (Object.entries(keys) as [string, KeyRow][]).filter(
    ([name, { type, usedBy }]) =>
      ['integer', 'milliseconds', 'port', 'boolean', 'on_off'].includes(type) &&
      (usedBy.includes('compose') || ['ARCHIVE', 'BACKUP_ENCRYPTION'].includes(name)),
  )

  it('each setting that scripts read and that is no text › is judged as the table says', async () => {
    const outside = ({ type, max }: KeyRow) => {
      if (type === 'boolean') return 'yes'
      if (type === 'on_off') return 'ON'
      return max === undefined ? '-1' : String(max + 1)
    }
    const lines = scriptsAlone.map(([name, row]) => `${name}=${outside(row)}`)
    writeFileSync(join(copy.root, '.env'), `${lines.join('\n')}\n`)

    const { code, said } = await copy.start('check-settings.sh').ended

    rmSync(join(copy.root, '.env'))
    expect(code).toBe(2)
    expect(lines.length).toBeGreaterThan(12)
    expect(scriptsAlone.filter(([name]) => !said.includes(`: ${name}: expected`))).toEqual([])
  })

  it('each default of those settings, and each end of their ranges › is accepted', async () => {
    const accepted = (value: (row: KeyRow) => number | string | undefined) =>
      scriptsAlone.map(([name, row]) => `${name}=${value(row) ?? row.default ?? ''}`).join('\n')
    for (const value of [
      (row: KeyRow) => row.default,
      (row: KeyRow) => (row.type === 'integer' ? row.min : undefined),
      (row: KeyRow) => (row.type === 'integer' ? row.max : undefined),
    ]) {
      writeFileSync(join(copy.root, '.env'), `${accepted(value)}\n`)

      expect(await copy.start('check-settings.sh').ended).toEqual({ code: 0, said: '' })
    }
    rmSync(join(copy.root, '.env'))
  })

  it('setup that was asked for what would be refused › writes no .env', () => {
    const setup = spawnSync(join(copy.root, 'ops/setup.sh'), [], {
      encoding: 'utf8',
      env: {
        PATH: `${join(copy.root, 'bin')}:${process.env['PATH'] ?? ''}`,
        HOME: copy.root,
        DOMAIN: 'bad_name',
        TLS: 'internal',
      },
    })

    expect(setup.status).toBe(2)
    expect(setup.stderr).toMatch(/: DOMAIN: expected a name/)
    expect(['.env', '.env.partial'].filter((name) => existsSync(join(copy.root, name)))).toEqual([])
  })
})

describe('IPv6 at the first setup', () => {
  it.each([
    { engine: '28.5.2', network: 'true', address: '00', publishes: true },
    { engine: '26.1.5', network: 'true', address: '00', publishes: false },
    { engine: '28.5.2', network: 'false', address: '00', publishes: false },
    { engine: '28.5.2', network: 'true', address: '20', publishes: false },
  ])(
    '$engine, networks of IPv6: $network, scope $address › publishes: $publishes',
    ({ engine, network, address, publishes }) => {
      const other = openOpsCopy()
      other.engine(
        `case "$*" in 'version '*) echo ${engine} ;; 'network create --ipv6 '*) ${network} ;; 'volume inspect '*) exit 1 ;; esac`,
      )
      writeFileSync(join(other.root, 'inet6'), `20010db8000000000000000000000001 02 40 ${address} 80 eth0\n`)

      spawnSync(join(other.root, 'ops/setup.sh'), [], {
        env: {
          PATH: `${join(other.root, 'bin')}:${process.env['PATH'] ?? ''}`,
          HOME: other.root,
          IF_INET6: join(other.root, 'inet6'),
        },
      })

      const written = readFileSync(join(other.root, '.env'), 'utf8')
      expect(/^PUBLIC_IPV6=true$/m.test(written)).toBe(publishes)
      expect(/^BIND_ADDRESS_IPV6=::$/m.test(written)).toBe(publishes)
      other.close()
    },
  )
})

describe('what Caddy gets of the settings', () => {
  it.each([
    [{ TLS: 'internal' }, 'CADDY_GLOBAL=local_certs\n'],
    [{ ...example, TLS: 'you@example.com' }, 'CADDY_GLOBAL=email you@example.com\n'],
    [{ DOMAIN: '203.0.113.5', PUBLIC_URL: 'https://203.0.113.5' }, '\tdefault_sni 203.0.113.5\n'],
    [
      { DOMAIN: 'example.com,www.example.com', PUBLIC_URL: 'https://www.example.com' },
      'CADDY_OTHERS=example.com\n',
    ],
    [
      { PUBLIC_HTTPS_PORT: '8443', PUBLIC_URL: 'https://localhost:8443' },
      'CADDY_ALT_SVC=Alt-Svc `h3=":8443"; ma=2592000`\n',
    ],
    [{ ...example, TLS: 'off' }, 'CADDY_SITE=http://\n'],
    [{ ...example, TLS: 'off' }, 'CADDY_ALT_SVC=-Alt-Svc\n'],
    [{ TRUSTED_FRONT: 'cloudflare' }, 'client_ip_headers CF-Connecting-IP\n'],
    [{ TRUSTED_FRONT: 'cloudflare,10.0.0.0/8' }, 'client_ip_headers X-Forwarded-For\n'],
    [{ HTTP_BODY_LIMIT_BYTES: '20971520' }, 'CADDY_BODY_LIMIT=46137344\n'],
    [{ HTTP_BODY_LIMIT_BYTES: '20971520' }, 'CADDY_HUGE=8\n'],
    [{ HTTP_RECEIVE_TIMEOUT_MS: '60000' }, 'CADDY_ANSWER_MS=65000\n'],
    [{ HTTP_HEADERS_TIMEOUT_MS: '7000' }, 'CADDY_HEADERS_MS=7000\n'],
    [{ HTTP_MAX_CONCURRENT_REQUESTS: '2000' }, 'CADDY_CONNECTIONS=4000\n'],
    [{ DATABASE_POOL_SIZE: '1000' }, 'CADDY_CONNECTIONS=6000\n'],
    [
      { DOMAIN: 'example.com,Example.com,example.com', PUBLIC_URL: 'https://example.com' },
      'CADDY_PLAIN=http://example.com\n',
    ],
  ])('%j › gives %j', (env, line) => {
    expect(start(env).given).toContain(line)
  })

  it('every placeholder of the Caddyfile › is one that start.sh sets', () => {
    const caddyfile = readFileSync('Caddyfile', 'utf8')
    const wanted = [...caddyfile.matchAll(/\{\$(\w+)/g)].map(([, name = '']) => name)
    const given = start({ TRUSTED_FRONT: 'private' }).given

    expect(wanted.filter((name) => !new RegExp(`^${name}=`, 'm').test(given))).toEqual(['CADDY_'])
  })
})
