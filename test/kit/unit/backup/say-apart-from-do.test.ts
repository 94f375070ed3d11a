import { describe, expect, it } from 'vitest'
import { parseClientVersion, refuseOtherMajor } from '../../../../src/kit/postgres/client-version.ts'
import { rowDifferences } from '../../../../src/kit/backup/portable/compare-rows.ts'
import { namesMadeFrom, restoreNames } from '../../../../src/kit/backup/restore/database-names.ts'
import {
  createDatabaseStatement,
  grantStatements,
  type DatabaseShape,
} from '../../../../src/kit/postgres/database-shape.ts'
import { estimateDumpBytes } from '../../../../src/kit/host/disk-space.ts'
import { libpqVariables, passwordLine } from '../../../../src/kit/postgres/libpq-credentials.ts'
import { readableAge, readableBytes } from '../../../../src/kit/host/list-text.ts'
import { dumpArguments, restoreArguments } from '../../../../src/kit/backup/portable/pg-arguments.ts'
import { refuseNewerBackup } from '../../../../src/kit/backup/restore/refuse-restore.ts'
import { sqlLiteral } from '../../../../src/kit/postgres/sql-identifier.ts'
import { databaseSettings } from '../../support/pool-settings.ts'

const shape: DatabaseShape = {
  owner: 'own"er',
  encoding: 'UTF8',
  collate: 'C.UTF-8',
  ctype: 'C.UTF-8',
  localeProvider: 'c',
  locale: null,
  connectionLimit: -1,
  comment: null,
  grants: [
    { grantee: 'app', privilege: 'CONNECT', isGrantable: false },
    { grantee: '"odd role"', privilege: 'TEMPORARY', isGrantable: true },
  ],
  settings: [],
  roleSettings: [],
}

describe('arguments of the programs', () => {
  it('dump one snapshot, compressed, without waiting for a lock for ever', () => {
    expect(dumpArguments({ snapshot: '00000003-0000001B-1', lockTimeoutMs: 500 })).toEqual([
      '--format=custom',
      '--compress=zstd:1',
      '--snapshot=00000003-0000001B-1',
      '--lock-wait-timeout=500',
      '--no-password',
    ])
  })

  it('restore whole or not at all, and never into a name that reads as a connection string', () => {
    const args = restoreArguments({ database: `host=evil '\\`, owner: 'owner' })

    expect(args).toContain('--exit-on-error')
    expect(args).toContain('--exit-on-error')
    expect(args[0]).toBe(`--dbname=dbname='host=evil \\'\\\\'`)
  })
})

describe('credentials for the programs', () => {
  const settings = { ...databaseSettings, url: 'postgres://ba%40ckup:p%3Aw%5C@db:5433/sl%20ip' }

  it('reach the same server as the driver, and hold no password', () => {
    const variables = libpqVariables(settings, '/tmp/x')

    expect(variables).toMatchObject({
      PGHOST: 'db',
      PGPORT: '5433',
      PGUSER: 'ba@ckup',
      PGDATABASE: 'sl ip',
      PGSSLMODE: 'disable',
    })
    expect(Object.values(variables).join()).not.toContain('p:w')
  })

  it.each([
    ['?sslmode=require', { PGSSLMODE: 'require' }],
    ['?sslmode=verify-full', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' }],
    ['?sslrootcert=system', { PGSSLMODE: 'verify-full', PGSSLROOTCERT: 'system' }],
  ])('check the certificate as %s says', (query, expected) => {
    expect(libpqVariables({ ...settings, url: `postgres://a@db/x${query}` }, '/tmp/x')).toMatchObject(
      expected,
    )
  })

  it('check the certificate in full when there is an authority', () => {
    const variables = libpqVariables(
      { ...settings, url: 'postgres://a@db/x?sslmode=require' },
      '/tmp/x',
      '/tmp/ca.pem',
    )

    expect(variables).toMatchObject({ PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/tmp/ca.pem' })
  })

  it('escape what means something in a password file', () => {
    expect(passwordLine('a:b', 'c\\d:e')).toBe('*:*:*:a\\:b:c\\\\d\\:e\n')
  })
})

describe('statements for a new database', () => {
  it('quote every name', () => {
    expect(createDatabaseStatement('re"st', shape)).toBe(
      `CREATE DATABASE "re""st" OWNER "own""er" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' CONNECTION LIMIT -1`,
    )
  })

  it.each([
    ['i', ` LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'`],
    ['b', ` LOCALE_PROVIDER builtin BUILTIN_LOCALE 'de-AT'`],
  ])('name the locale of provider %s', (localeProvider, clause) => {
    expect(createDatabaseStatement('x', { ...shape, localeProvider, locale: 'de-AT' })).toContain(clause)
  })

  it('grant what the live one grants, to nobody else', () => {
    expect(grantStatements('x', shape)).toEqual([
      'REVOKE ALL ON DATABASE "x" FROM PUBLIC',
      'GRANT CONNECT ON DATABASE "x" TO app',
      'GRANT TEMPORARY ON DATABASE "x" TO "odd role" WITH GRANT OPTION',
    ])
  })

  it('quote literals with backslashes as PostgreSQL reads them under either setting', () => {
    expect(sqlLiteral(`it's`)).toBe(`'it''s'`)
    expect(sqlLiteral(`a\\b'`)).toBe(`E'a\\\\b'''`)
  })
})

describe('names of a restore', () => {
  const at = new Date('2026-11-22T15:16:47.123Z')

  it('say what they are', () => {
    const names = restoreNames('slipway', at)

    expect(names.previous).toBe('slipway_before_20261122t151647z')
    expect(names.fresh).toMatch(/^slipway_restore_[0-9a-f]{8}$/)
  })

  it('are never the same twice, so that nobody drops what another one makes', () => {
    expect(restoreNames('slipway', at).fresh).not.toBe(restoreNames('slipway', at).fresh)
  })

  it('are refused when PostgreSQL would cut them', () => {
    expect(restoreNames('x'.repeat(39), at).previous).toHaveLength(63)
    expect(() => restoreNames('x'.repeat(40), at)).toThrow('leaves no room')
    expect(() => restoreNames('é'.repeat(20), at)).toThrow('leaves no room')
  })

  it('are found again among others', () => {
    const all = [
      'slipway',
      'slipway_before_20261122t151647z',
      'slipway_restore_0a1b2c3d',
      'slipway_before_tea',
      'my_slipway_before_20261122t151647z',
    ]

    expect(namesMadeFrom('slipway', 'swap', all)).toEqual(['slipway_before_20261122t151647z'])
    expect(namesMadeFrom('slipway', 'restore', all)).toEqual(['slipway_restore_0a1b2c3d'])
  })
})

describe('versions', () => {
  it('are read out of what the programs print', () => {
    expect(parseClientVersion('pg_dump (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)\n')).toBe('17.11')
    expect(parseClientVersion('pg_dump (PostgreSQL) 18beta1')).toBe('18beta1')
    expect(() => parseClientVersion('bash: pg_dump: not found')).toThrow('cannot read a version')
  })

  it('must have equal majors', () => {
    expect(() => refuseOtherMajor('17.11', '17.2')).not.toThrow()
    expect(() => refuseOtherMajor('17.11', '16.9')).toThrow('majors have to be equal')
    expect(() => refuseOtherMajor('16.9', '17.11')).toThrow('majors have to be equal')
  })

  it('let an older backup in and a newer one not', () => {
    expect(() => refuseNewerBackup('16.9', '17.2')).not.toThrow()
    expect(() => refuseNewerBackup('18.0', '17.2')).toThrow('the server is older')
  })
})

describe('rows', () => {
  const table = (name: string, rows: number, owner = 'owner') => ({ schema: 'public', name, owner, rows })

  it('differ by number, by a missing table and by one too many', () => {
    expect(rowDifferences([table('a', 1), table('b', 2)], [table('a', 3), table('c', 0)])).toEqual([
      'public.a has 3 rows instead of 1',
      'public.b has no rows instead of 2',
      'public.c is not in the manifest',
    ])
  })

  it('are the same under another owner', () => {
    expect(rowDifferences([table('a', 1, 'x')], [table('a', 1, 'y')])).toEqual([])
  })
})

describe('figures', () => {
  it('leave room for growth beyond the last dump', () => {
    expect(estimateDumpBytes(1_000_000_000, undefined)).toBe(533_554_432)
    expect(estimateDumpBytes(1_000_000_000, 100_000_000)).toBe(183_554_432)
  })

  it('are readable', () => {
    expect([0, 1023, 1024, 1_572_864, 5e12].map(readableBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 MiB',
      '4.5 TiB',
    ])
    expect([-5, 59_999, 60_000, 7_200_000, 90_000_000].map(readableAge)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '2 h',
      '1 d',
    ])
  })
})
