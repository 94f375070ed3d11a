import { describe, expect, it } from 'vitest'
import { bundleOf } from '../../support/bundles.ts'
import { spawnProcess } from '../../support/spawn-process.ts'
import { serverEnv } from '../../support/spawn-server.ts'

describe('a server with wrong settings', () => {
  it('lists every fault on stderr and exits 2, without a secret in either stream', async () => {
    const server = spawnProcess(bundleOf('server'), {
      ...serverEnv('postgres://app:hunter2@db/slipway?schema=public'),
      AUTH_SECRET: 'hunter2',
      HTTP_PORT: 'many',
      HTTP_PROT: '80',
    })

    const { code } = await server.exited

    expect(code).toBe(2)
    expect(server.stderr()).toMatch(/^error: the configuration has 4 faults\n/)
    for (const key of ['HTTP_PROT', 'HTTP_PORT', 'AUTH_SECRET', 'DATABASE_URL']) {
      expect(server.stderr()).toMatch(new RegExp(`^${key}: .+\\n {2}hint: .+$`, 'm'))
    }
    expect(server.stdout() + server.stderr()).not.toContain('hunter2')
  })

  it('exits 2 when nothing is set at all', async () => {
    const server = spawnProcess(bundleOf('server'), {})

    expect((await server.exited).code).toBe(2)
    expect(server.stderr()).toContain('AUTH_SECRET: required and not set')
    expect(server.stderr()).toContain('DATABASE_URL: required and not set')
  })
})

describe('healthcheck', () => {
  it('exits 1 and says why when nothing listens', async () => {
    const check = spawnProcess(bundleOf('healthcheck'), {}, ['1'])

    expect((await check.exited).code).toBe(1)
    expect(check.stderr()).toContain('http://127.0.0.1:1/livez gave no answer')
  })
})
