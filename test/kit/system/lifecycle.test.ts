import { randomUUID } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { compose, containerOf, docker, eventually, ops, request } from '../support/stack.ts'

const services = ['api', 'backup', 'caddy', 'db', 'node-exporter', 'postgres-exporter', 'prometheus']

async function sql(statement: string) {
  return (
    await compose('exec', '-T', 'db', 'psql', '--username=postgres', '--dbname=slipway', '-XAtc', statement)
  ).trim()
}

/** What the migrator left for node-exporter. */
function runMetrics() {
  return compose('exec', '-T', 'node-exporter', 'cat', '/metrics/migrate.prom')
}

function healthy() {
  return eventually('the API through Caddy', async () => {
    const answer = await request('/api/health/db')
    return answer.status === 200 ? answer : undefined
  })
}

describe('lifecycle', () => {
  it('down and up --wait › keeps the data and exits 0', async () => {
    const email = `kept+${randomUUID()}@example.com`
    const body = { name: 'Kept', email, password: 'correct horse battery staple' }
    expect((await request('/api/auth/sign-up/email', { method: 'POST', body })).status).toBe(200)

    await compose('down')
    await compose('up', '--detach', '--wait')

    const signedIn = await request('/api/auth/sign-in/email', { method: 'POST', body })
    expect(signedIn.status, signedIn.text).toBe(200)
  })

  it('make up › on a running stack changes nothing and exits 0', async () => {
    const before = await containerOf('db')

    const said = await ops('up.sh')

    expect(said).toContain('The stack is healthy')
    expect(await containerOf('db')).toBe(before)
  })

  it('database away › 503 as a problem, liveness stays, and it comes back by itself', async () => {
    await compose('stop', 'db')

    const away = await eventually('a 503', async () => {
      const answer = await request('/api/health/db')
      return answer.status === 503 ? answer : undefined
    })
    expect(away.headers['content-type']).toContain('application/problem+json')
    expect(away.headers['retry-after']).toBeTruthy()
    const live = await compose('exec', '-T', 'api', 'node', 'healthcheck.js', '3000', '/livez')
    expect(live).toBe('')

    await compose('start', 'db')
    await healthy()
  })

  it('api killed › comes back by itself, and a refusal of the proxy is found in its log by its id', async () => {
    const kill =
      "process.kill(Number(require('fs').readFileSync('/proc/1/task/1/children', 'utf8')), 'SIGKILL')"
    await compose('exec', '-T', 'api', 'node', '--eval', kill).catch(() => undefined)
    await healthy()

    await compose('stop', 'api')
    const refused = await request('/api/health/db')
    await compose('start', 'api')

    expect(refused.status).toBe(503)
    expect(refused.headers['content-type']).toBe('application/problem+json')
    const { code, request_id } = refused.json() as Record<string, string>
    expect(code).toBe('proxy_error')
    const line = await eventually('the line of the proxy', async () =>
      (await compose('logs', '--no-color', '--no-log-prefix', 'caddy'))
        .split('\n')
        .find((each) => each.includes(`"request_id":"${request_id}"`)),
    )
    expect(line).toContain('"status":503')
    await healthy()
  })

  it('migrate › a failing migration exits non-zero, names the fault, and the API does not start', async () => {
    await compose('stop', 'api')
    // A table in the way of the first migration: the journal says nothing of it.
    await sql('ALTER SCHEMA drizzle RENAME TO drizzle_aside')
    try {
      await sql('CREATE SCHEMA drizzle AUTHORIZATION owner')

      await expect(compose('up', '--detach', '--wait', '--no-build', 'api')).rejects.toThrow()

      const state = await docker('inspect', '--format', '{{.State.ExitCode}}', await containerOf('migrate'))
      expect(Number(state)).toBe(1)
      const logs = await compose('logs', '--no-color', '--no-log-prefix', 'migrate')
      expect(logs).toContain('42P07')
      expect(logs).toMatch(/0000_/)
      expect(await runMetrics()).toContain('migrations_last_run_success 0')
      const api = await docker('inspect', '--format', '{{.State.Running}}', await containerOf('api'))
      expect(api.trim()).toBe('false')
    } finally {
      await sql('DROP SCHEMA drizzle CASCADE; ALTER SCHEMA drizzle_aside RENAME TO drizzle')
      await compose('up', '--detach', '--wait', '--no-build')
    }
    await healthy()
    expect(await runMetrics()).toContain('migrations_last_run_success 1')
  })

  it('SIGTERM › ends every service within its grace with exit 0', async () => {
    const ids = await Promise.all(services.map(containerOf))

    await compose('stop')

    const states = await docker('inspect', '--format', '{{.State.ExitCode}} {{.State.OOMKilled}}', ...ids)
    const ended = states.trim().split('\n')
    expect(Object.fromEntries(services.map((service, index) => [service, ended[index]]))).toEqual(
      Object.fromEntries(services.map((service) => [service, '0 false'])),
    )
    await compose('up', '--detach', '--wait', '--no-build')
    await healthy()
  })
})
