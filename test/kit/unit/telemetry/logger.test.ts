import { Writable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { createLogger, redactedPaths, type Logger } from '../../../../src/kit/telemetry/logger.ts'

function openLogger(): { logger: Logger; text: () => string; last: () => Record<string, unknown> } {
  let text = ''
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString()
      done()
    },
  })
  const logger = createLogger({ level: 'info', service: 'test', destination })
  return {
    logger,
    text: () => text,
    last: () => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>,
  }
}

/** An object in which exactly `path` holds the secret; stars become ordinary names. */
function objectAt(path: string): Record<string, unknown> {
  const names = path
    .replace(/\["([^"]+)"\]/g, '.$1')
    .replace(/^\./, '')
    .split('.')
  return names.reduceRight<unknown>(
    (inner, name, index) => ({ [name === '*' ? `level${index}` : name]: inner }),
    'hunter2',
  ) as Record<string, unknown>
}

describe('logger', () => {
  it('gives each line the millisecond in which it was written', () => {
    vi.useFakeTimers({ now: new Date('2026-05-01T10:00:00.123Z') })
    const { logger, text } = openLogger()

    logger.info('first')
    logger.info('in the same millisecond')
    vi.setSystemTime(new Date('2026-05-01T10:00:00.124Z'))
    logger.info('in the next one')
    vi.useRealTimers()

    const times = text()
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { time: string }).time)
    expect(times).toEqual([
      '2026-05-01T10:00:00.123Z',
      '2026-05-01T10:00:00.123Z',
      '2026-05-01T10:00:00.124Z',
    ])
  })

  it('writes one JSON line with an ISO time, the level by name and the service', () => {
    const { logger, last } = openLogger()

    logger.info({ http_port: 3000 }, 'listening')

    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      service: 'test',
      http_port: 3000,
      msg: 'listening',
    })
  })

  it.each(redactedPaths)('redacts %s', (path) => {
    const { logger, text } = openLogger()

    logger.info(objectAt(path), 'a line')

    expect(text()).not.toContain('hunter2')
    expect(text()).toContain('[redacted]')
  })

  it('redacts cookies and tokens where a request puts them', () => {
    const { logger, text } = openLogger()

    logger.info(
      {
        req: {
          headers: { cookie: 'hunter2', authorization: 'hunter2', 'set-cookie': 'hunter2' },
          body: { password: 'hunter2' },
        },
      },
      'a request',
    )

    expect(text()).not.toContain('hunter2')
  })
})

describe('logged errors', () => {
  const logged = (err: unknown): string => {
    const { logger, text } = openLogger()
    logger.error({ err }, 'failed')
    return text()
  }

  it('keep no SQL and no parameters of Drizzle', () => {
    const cause = Object.assign(new Error('duplicate key: Key (email)=(hunter2) already exists'), {
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (email)=(hunter2) already exists.',
      constraint_name: 'user_email_unique',
      table_name: 'user',
      parameters: ['hunter2'],
      query: 'insert into secret_things',
    })
    const err = Object.assign(
      new Error('Failed query: insert into secret_things values ($1)\nparams: hunter2', { cause }),
      { query: 'insert into secret_things', params: ['hunter2'] },
    )

    const text = logged(err)

    expect(text).not.toMatch(/hunter2|secret_things/)
    expect(text).toContain('"code":"23505"')
    expect(text).toContain('"constraint":"user_email_unique"')
    expect(text).toContain('logger.test.ts')
  })

  it('keep no password of a URL, in message, stack or cause', () => {
    const url = 'postgres://app:hunter2@db:5432/slipway'
    const err = new Error(`cannot connect to ${url}`, { cause: new TypeError(`Invalid URL ${url}`) })

    const text = logged(err)

    expect(text).not.toContain('hunter2')
    expect(text).toContain('postgres://app:[redacted]@db:5432/slipway')
  })

  it.each([
    ['a slash', 'postgres://app:hun/ter2@db/slipway'],
    ['an at sign', 'postgres://app:hun@ter2@db/slipway'],
    ['no user', 'redis://:hunter2@cache'],
  ])('keep no password with %s in a URL', (_what, url) => {
    expect(logged(new Error(url))).not.toContain('ter2')
  })

  it('survive what is no error and a cause that points back', () => {
    const err = new Error('round and round')
    err.cause = err

    expect(logged(err)).toContain('round and round')
    expect(logged('postgres://app:hunter2@db/slipway')).not.toContain('hunter2')
    expect(logged(undefined)).toContain('failed')
  })
})
