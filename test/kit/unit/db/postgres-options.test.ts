import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { postgresOptions } from '../../../../src/kit/postgres/postgres-options.ts'
import { libpqOptions, sessionDefaults } from '../../../../src/kit/postgres/session-defaults.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

function optionsOf(url: string) {
  return postgresOptions({ ...databaseSettings, url })
}

describe('driver options', () => {
  it('take every part of the URL decoded', () => {
    expect(optionsOf('postgres://us%40er:p%27%25%2F@db.example.org:6543/na%20me')).toMatchObject({
      host: 'db.example.org',
      port: 6543,
      username: 'us@er',
      password: "p'%/",
      database: 'na me',
      ssl: false,
    })
  })

  it('take an IPv6 address without its brackets', () => {
    expect(optionsOf('postgres://app@[::1]/slipway')).toMatchObject({ host: '::1', port: 5432 })
    expect(optionsOf('postgres://app@[::1]/slipway?sslmode=verify-full').ssl).toMatchObject({ host: '::1' })
  })

  it('find the socket in the folder that `host` names', () => {
    expect(optionsOf('postgres://app@localhost/slipway?host=/run/postgresql')).toMatchObject({
      path: '/run/postgresql/.s.PGSQL.5432',
    })
  })

  it('keep what steers the client away from the server, and pass the rest on', () => {
    const { connection } = optionsOf(
      'postgres://app@db/slipway?sslmode=require&channel_binding=require&options=-cx=y',
    )

    expect(connection).toEqual({
      ...sessionDefaults,
      options: '-cx=y',
      application_name: 'test',
      statement_timeout: '5000',
      lock_timeout: '2000',
      idle_in_transaction_session_timeout: '10000',
    })
  })

  it('set what our statements rely on, and let the URL choose the search_path alone', () => {
    const { connection } = optionsOf(
      'postgres://app@db/slipway?search_path=public,extensions&DateStyle=German',
    )

    expect(connection).toMatchObject({ search_path: 'public,extensions', DateStyle: 'ISO, MDY' })
  })

  it('send a time-out of 0: the driver leaves out what is falsy, and the database has a default of its own', () => {
    const { connection } = postgresOptions({
      ...databaseSettings,
      url: 'postgres://a@b/c',
      statementTimeoutMs: 0,
    })

    expect(connection?.statement_timeout).toBe('0')
  })

  it('are the same for psql in the container of the database', async () => {
    const compose = await readFile(new URL('../../../../compose.prod.yaml', import.meta.url), 'utf8')

    expect(compose.replace(/\s+/g, ' ')).toContain(`PGOPTIONS: >- ${libpqOptions()}`)
  })
})
