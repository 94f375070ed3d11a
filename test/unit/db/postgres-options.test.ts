import { describe, expect, it } from 'vitest'
import { postgresOptions } from '../../../src/db/postgres-options.ts'

const optionsOf = (url: string) => postgresOptions({ url, applicationName: 'test' })

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
      options: '-cx=y',
      application_name: 'test',
      statement_timeout: 5000,
      lock_timeout: 2000,
      idle_in_transaction_session_timeout: 10_000,
    })
  })
})
