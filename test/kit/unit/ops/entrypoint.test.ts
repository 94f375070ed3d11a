import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'slipway-entrypoint-'))
  mkdirSync(join(home, 'data'))
  mkdirSync(join(home, 'bin'))
  const server = `#!/bin/sh
case "$1" in --version) echo "postgres (PostgreSQL) $SERVER" ;; *) echo "started $2"; echo "$*" >"$0.arguments" ;; esac
`
  writeFileSync(join(home, 'bin', 'postgres'), server)
  chmodSync(join(home, 'bin', 'postgres'), 0o755)
})

afterEach(() => rmSync(home, { recursive: true }))

/** Of an image with that server, on a volume with a cluster of that major. */
function start(server: string, cluster: string, settings: Record<string, string> = {}) {
  writeFileSync(join(home, 'data', 'PG_VERSION'), `${cluster}\n`)
  const PATH = `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`
  const env = {
    PATH,
    PGDATA: join(home, 'data'),
    SERVER: server,
    POSTGRES_BALLAST_MB: '0',
    ARCHIVE: 'off',
    ...settings,
  }
  return spawnSync(join(import.meta.dirname, '../../../..', 'ops/postgres', 'entrypoint.sh'), {
    env,
    encoding: 'utf8',
  })
}

describe('the entry point of the database', () => {
  it.each(['17.11 (Debian 17.11-0+deb13u1)', '17beta2', '17.1'])('starts %s on a cluster of 17', (server) => {
    expect(start(server, '17')).toMatchObject({ status: 0, stdout: `started ${join(home, 'data')}\n` })
  })

  it.each([
    ['', 100],
    ['10', 100],
    ['50', 220],
    ['many', 100],
  ])('takes the connections of three pools of %j and 70 more: %d', (pool, connections) => {
    start('17.1', '17', { DATABASE_POOL_SIZE: pool })

    const given = readFileSync(join(home, 'bin', 'postgres.arguments'), 'utf8')
    expect(given).toMatch(new RegExp(` max_connections=${connections}\\b`))
  })

  it('refuses a cluster of another major, and says how to get there', () => {
    const { status, stdout, stderr } = start('18.6 (Debian 18.6-3)', '17')

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('is of PostgreSQL 17, and this image has 18\n')
    expect(stderr).toContain('make upgrade-postgres TO=18\n')
  })
})
