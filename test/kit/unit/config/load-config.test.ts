import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../../src/kit/config/config-error.ts'
import { loadBoth, loadConfig } from '../../../../src/kit/config/load.ts'

const secret = 'a signing secret of forty characters, ok'

const valid = { DATABASE_URL: 'postgres://app@db:5432/slipway', AUTH_SECRET: secret }

const files = new Map([
  ['/run/secrets/password', "p'@:/?#%20é\n"],
  ['/run/secrets/auth', `${secret}\n`],
  ['/run/secrets/empty', '\n'],
  ['/run/ca.pem', '-----BEGIN CERTIFICATE-----\n'],
])

function readFile(path: string): string {
  const text = files.get(path)
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
  return text
}

function load(env: Record<string, string>) {
  return loadConfig('server', { ...valid, ...env }, readFile)
}

function messageOf(env: Record<string, string>): string {
  try {
    load(env)
  } catch (err) {
    if (err instanceof ConfigError) return err.message
    throw err
  }
  throw new Error('no fault was found')
}

describe('settings of the application', () => {
  const table = {
    APP_DAYS: { type: 'integer', help: 'Days.', default: '3', max: 9 },
    APP_NAME: { type: 'text', help: 'Name.', optional: true },
    APP_KEY: { type: 'secret_text', help: 'Key.', secret: true },
  } as const
  const both = (env: Record<string, string>) => loadBoth('server', { ...valid, ...env }, table, readFile)

  it('are parsed with those of the kit, each part by itself', () => {
    const { config, settings } = both({ APP_KEY_FILE: '/run/secrets/auth', HTTP_PORT: '8080' })

    expect(settings).toEqual({ APP_DAYS: 3, APP_NAME: undefined, APP_KEY: secret })
    expect(config.HTTP_PORT).toBe(8080)
    expect(Object.keys(config).filter((key) => key.startsWith('APP_'))).toEqual([])
  })

  it('are reported together with those of the kit, without a secret', () => {
    expect(() =>
      both({ APP_DAYS: '10', APP_NAM: 'x', HTTP_PORT: 'x', APP_KEY: 'hunter2', APP_KEY_FILE: '/x' }),
    ).toThrow(
      /4 faults\n(?=[^]*APP_DAYS: .*from 0 to 9 \(got "10"\))(?=[^]*APP_NAM: unknown setting\n {2}hint: did you mean APP_NAME)(?=[^]*HTTP_PORT: )(?=[^]*APP_KEY: both)(?![^]*hunter2)/,
    )
  })

  it('are not looked at by a process that does not run the application', () => {
    expect(load({ APP_NAM: 'x' })).not.toHaveProperty('APP_NAM')
  })
})

describe('configuration', () => {
  it.each([
    [{}, 30],
    [{ DATABASE_POOL_SIZE: '50' }, 150],
    [{ DATABASE_POOL_SIZE: '1' }, 3],
    [{ DATABASE_POOL_SIZE: '50', HTTP_MAX_CONCURRENT_REQUESTS: '' }, 150],
    [{ DATABASE_POOL_SIZE: '50', HTTP_MAX_CONCURRENT_REQUESTS: '20' }, 20],
  ])('%j › lets in %i requests, three for each connection of the pool unless set', (env, requests) => {
    expect(load(env).HTTP_MAX_CONCURRENT_REQUESTS).toBe(requests)
  })

  it('a pool that is no number › is the only fault', () => {
    expect(messageOf({ DATABASE_POOL_SIZE: 'many' })).not.toContain('HTTP_MAX_CONCURRENT_REQUESTS')
  })

  it.each(['010', '08', '1e1', '+5', ' 5', '5 ', '5.0', '-1', '１'])(
    'a whole number written as %j › is refused',
    (DATABASE_POOL_SIZE) => {
      expect(messageOf({ DATABASE_POOL_SIZE })).toContain('DATABASE_POOL_SIZE: expected a whole number')
    },
  )

  it('parses every key of a process to its type, with defaults', () => {
    const config = load({
      HTTP_PORT: '8080',
      HTTP_TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8',
      DATABASE_PREPARE: 'false',
    })

    expect(config).toMatchObject({
      PUBLIC_URL: 'http://localhost:3000',
      HTTP_PORT: 8080,
      HTTP_TRUSTED_PROXIES: ['10.0.0.0/8', 'fd00::/8'],
      HTTP_CORS_ORIGINS: [],
      DATABASE_PREPARE: false,
      DATABASE_STATEMENT_TIMEOUT_MS: 5000,
      DATABASE_CA_FILE: undefined,
      LOG_LEVEL: 'info',
    })
    expect(config).not.toHaveProperty('BACKUP_SCHEDULE')
  })

  it('takes an empty value for one that is not set', () => {
    expect(load({ HTTP_PORT: '', LOG_LEVEL: '', DATABASE_PASSWORD_FILE: '' })).toMatchObject({
      HTTP_PORT: 3000,
      LOG_LEVEL: 'info',
    })
  })

  it('reports all faults at once, each with what it found and a hint', () => {
    const message = messageOf({
      HTTP_PORT: '70000',
      LOG_LEVEL: 'loud',
      DATABASE_URL: '',
      HTTP_TRUSTED_PROXIES: '10.0.0.0/33',
      HTTP_SHUTDOWN_TIMEOUT_MS: '10s',
    })

    expect(message).toBe(
      [
        'the configuration has 5 faults',
        'HTTP_PORT: expected a whole number from 0 to 65535 (got "70000")',
        '  hint: leave it out for the default 3000',
        'HTTP_TRUSTED_PROXIES: expected networks such as 172.16.0.0/12, separated by commas (got "10.0.0.0/33")',
        '  hint: see HTTP_TRUSTED_PROXIES in docs/reference/configuration.md',
        'HTTP_SHUTDOWN_TIMEOUT_MS: expected a whole number of milliseconds from 0 to 120000 (got "10s")',
        '  hint: leave it out for the default 10000',
        'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent (got "loud")',
        '  hint: leave it out for the default info',
        'DATABASE_URL: required and not set',
        '  hint: for example DATABASE_URL=postgres://app@127.0.0.1:5432/slipway with DATABASE_PASSWORD beside it',
      ].join('\n'),
    )
  })

  it.each(['-1', '1e3', '0x10', ' 80', '80 ', '3000.5', '٣'])('refuses %j as a port', (port) => {
    expect(messageOf({ HTTP_PORT: port })).toContain('HTTP_PORT: expected a whole number')
  })

  it.each(['example.org', 'ftp://example.org', 'https://example.org/path', 'https://user@example.org'])(
    'refuses %j as the public URL',
    (url) => {
      expect(messageOf({ PUBLIC_URL: url })).toContain('PUBLIC_URL: expected scheme and host')
    },
  )

  it('refuses the same port for API and metrics, and a lock wait as long as its statement', () => {
    const message = messageOf({ METRICS_PORT: '3000', DATABASE_LOCK_TIMEOUT_MS: '5000' })

    expect(message).toContain('METRICS_PORT: expected another port than HTTP_PORT (got 3000)')
    expect(message).toContain('DATABASE_LOCK_TIMEOUT_MS: expected less than DATABASE_STATEMENT_TIMEOUT_MS')
  })

  it('names the nearest key for one that only looks like ours', () => {
    const message = messageOf({
      DATABASE_POOLSIZE: '5',
      AUTH_SECRT_FILE: '/x',
      HTTP_PROXY: 'http://proxy:3128',
    })

    expect(message).toContain('DATABASE_POOLSIZE: unknown setting\n  hint: did you mean DATABASE_POOL_SIZE?')
    expect(message).toContain('AUTH_SECRT_FILE: unknown setting\n  hint: did you mean AUTH_SECRET_FILE?')
    expect(message).not.toContain('HTTP_PROXY')
  })
})

describe('secrets', () => {
  it('come from KEY_FILE without the line break at the end', () => {
    const config = load({ AUTH_SECRET: '', AUTH_SECRET_FILE: '/run/secrets/auth' })

    expect(config.AUTH_SECRET).toBe(secret)
  })

  it('may not be set in both ways', () => {
    expect(messageOf({ AUTH_SECRET_FILE: '/run/secrets/auth' })).toContain(
      'AUTH_SECRET: both AUTH_SECRET and AUTH_SECRET_FILE are set\n  hint: keep one of them',
    )
  })

  it('tell of a file that is missing or empty by its path', () => {
    expect(messageOf({ AUTH_SECRET: '', AUTH_SECRET_FILE: '/nowhere' })).toContain(
      'AUTH_SECRET_FILE: the file /nowhere cannot be read: ENOENT',
    )
    expect(messageOf({ AUTH_SECRET: '', AUTH_SECRET_FILE: '/run/secrets/empty' })).toContain('is empty')
  })

  it.each([
    ['AUTH_SECRET', 'hunter2'],
    ['DATABASE_URL', 'mysql://app:hunter2@db/slipway'],
    ['DATABASE_URL', 'postgres://app:hunter2@db:port/slipway'],
    ['DATABASE_URL', 'postgres://app:hunter2@db'],
    ['DATABASE_URL', 'postgres://app:hun#ter2@db/slipway'],
    ['DATABASE_URL', 'postgres://app:hunter2%@db/slipway'],
    ['DATABASE_URL', 'postgres://app:hunter2@db/slipway?schema=hunter2'],
    ['DATABASE_URL', 'hunter2'],
  ])('are never echoed: %s %s', (key, value) => {
    expect(messageOf({ [key]: value })).not.toMatch(/hun.?ter2/)
  })
})

describe('the database URL', () => {
  it('gets the password that stands beside it, whatever its characters', () => {
    const config = load({ DATABASE_PASSWORD_FILE: '/run/secrets/password' })

    expect(decodeURIComponent(new URL(config.DATABASE_URL).password)).toBe("p'@:/?#%20é")
  })

  it('may not hold a password when one stands beside it', () => {
    const message = messageOf({ DATABASE_URL: 'postgres://app:one@db/slipway', DATABASE_PASSWORD: 'two' })

    expect(message).toContain('DATABASE_PASSWORD: set although DATABASE_URL holds a password already')
  })

  it.each([
    ['postgres://app@db/slipway?schema=public', 'unknown parameter schema'],
    ['postgres://app@db/slipway?pgbouncer=true', 'remove it and set DATABASE_PREPARE=false'],
    ['postgres://app@db/slipway?sslmode=on', 'unknown sslmode'],
    ['postgres://app@db/slipway?sslrootcert=/ca.pem', 'set DATABASE_CA_FILE to the path instead'],
    ['postgres://db/slipway', 'found no user'],
    ['postgres://app@db/', 'found no database name'],
  ])('refuses %s', (url, problem) => {
    expect(messageOf({ DATABASE_URL: url })).toContain(problem)
  })

  it.each([
    'postgres://app@db/slipway?sslmode=require&channel_binding=require',
    'postgresql://app:p%40ss@db.example.org:6543/slipway?sslmode=verify-full&sslrootcert=system',
    'postgres://app@localhost/slipway?host=/run/postgresql',
  ])('takes %s', (url) => {
    expect(load({ DATABASE_URL: url }).DATABASE_URL).toBe(url)
  })

  it('comes with the text of the authority file', () => {
    expect(load({ DATABASE_CA_FILE: '/run/ca.pem' }).DATABASE_CA_FILE).toBe('-----BEGIN CERTIFICATE-----')
  })

  it.each(['banana', '0 0 31 2 *', '15 3 * *', '* * * * * *'])('refuses the schedule %s', (schedule) => {
    const env = { DATABASE_URL: valid.DATABASE_URL, BACKUP_SCHEDULE: schedule, BACKUP_KEEP_DAILY: '-1' }

    expect(() => loadConfig('backup', env, readFile)).toThrow(
      /2 faults[^]*BACKUP_SCHEDULE: expected a cron expression of five fields \(got "/,
    )
  })

  describe('of a secret that may be empty', () => {
    const env = { DATABASE_URL: valid.DATABASE_URL, BACKUP_HEARTBEAT_URL_FILE: '/run/secrets/heartbeat_url' }
    const urlIn = (content: string) => loadConfig('backup', env, () => content).BACKUP_HEARTBEAT_URL

    it('takes an empty file as not set, and one with a URL as it was written', () => {
      expect(urlIn('')).toBeUndefined()
      expect(urlIn('https://monitor.example/ping/a?b=c\n')).toBe('https://monitor.example/ping/a?b=c')
    })

    it('refuses what is no URL, without showing it', () => {
      expect(() => urlIn('hunter2')).toThrow(
        /BACKUP_HEARTBEAT_URL: expected a URL that begins with http(?!.*hunter2)/,
      )
    })
  })
})
