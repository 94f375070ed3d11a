import { request } from 'node:http'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { openDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { bundleOf } from '../../support/bundles.ts'
import { serverEnv, spawnServer, type SpawnedServer } from '../../support/spawn-server.ts'
import { spawnProcess, untilLogged } from '../../support/spawn-process.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { undocumentedSeries } from '../../support/undocumented-series.ts'
import { until } from '../../support/until.ts'

let database: TestDatabase
let proxy: DatabaseProxy
let server: SpawnedServer | undefined

beforeAll(async () => {
  database = await createTestDatabase()
  const { host, port } = inject('postgres')
  proxy = await openDatabaseProxy(host, port)
})

afterEach(async () => {
  await server?.close()
  server = undefined
})

afterAll(async () => {
  await proxy.close()
  await database.close()
})

function throughProxy(): string {
  return proxy.through(database.urlFor('app'))
}

async function start(env: Record<string, string> = {}): Promise<SpawnedServer> {
  server = await spawnServer({ ...serverEnv(throughProxy()), ...env }, { application: 'fixture' })
  return server
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url)).status
}

function becomes(url: string, status: number): Promise<boolean> {
  return until(`${url} answers ${status}`, async () => (await statusOf(url)) === status, {
    explain: () => server?.stdout() ?? '',
  })
}

describe('server', () => {
  it('is ready with a migrated database and shows its connection', async () => {
    const { url } = await start()

    expect(await statusOf(`${url}/livez`)).toBe(200)
    expect(await statusOf(`${url}/readyz`)).toBe(200)
    const health = (await (await fetch(`${url}/api/health/db`)).json()) as Record<string, unknown>
    expect(health['serverVersion']).toMatch(/^1\d\.\d+/)
    expect(health['migrationsApplied']).toBeGreaterThan(0)
    expect(health['migrationsMissing']).toBe(0)
    expect(JSON.stringify(health)).not.toContain('postgres://')
    const check = spawnProcess(bundleOf('healthcheck'), { HTTP_PORT: new URL(url).port })
    expect((await check.exited).code).toBe(0)
  })

  it('starts while the database is away, and is ready once it is back', async () => {
    await proxy.goAway()
    const { url } = await start()

    expect(await statusOf(`${url}/livez`)).toBe(200)
    expect(await statusOf(`${url}/readyz`)).toBe(503)
    expect(await statusOf(`${url}/api/health/db`)).toBe(503)

    await proxy.comeBack()
    await becomes(`${url}/readyz`, 200)
  })

  it('turns red when the database leaves and green when it returns, without a restart', async () => {
    const { url, lines } = await start()
    await becomes(`${url}/readyz`, 200)

    await proxy.goAway()
    await becomes(`${url}/readyz`, 503)
    await proxy.comeBack()
    await becomes(`${url}/readyz`, 200)

    expect(lines().filter((line) => line['level'] === 'fatal')).toEqual([])
  })

  it('answers readiness within its second while the database is frozen, and recovers after the thaw', async () => {
    const { url } = await start()
    await becomes(`${url}/readyz`, 200)

    proxy.freeze()
    const begin = performance.now()
    const frozen = await statusOf(`${url}/readyz`)
    const tookMs = performance.now() - begin
    proxy.thaw()

    expect(frozen).toBe(503)
    expect(tookMs).toBeLessThan(1_500)
    await becomes(`${url}/readyz`, 200)
  })

  it('is not ready on a database without its migrations', async () => {
    const empty = await createTestDatabase({ empty: true })
    try {
      const { url } = await start({ DATABASE_URL: empty.urlFor('postgres') })

      const answer = await fetch(`${url}/readyz`)

      expect(answer.status).toBe(503)
      expect(await answer.json()).toMatchObject({ reason: 'migrations_missing' })
    } finally {
      await server?.close()
      await empty.close()
    }
  })

  it('is not ready while its role lacks what the code uses, and names it', async () => {
    const own = await createTestDatabase()
    const migrator = postgres(own.urlFor('migrator'), { max: 1, onnotice: () => undefined })
    try {
      await migrator`revoke insert on parcels from app`
      const { url } = await start({ DATABASE_URL: own.urlFor('app') })

      const answer = await fetch(`${url}/readyz`)

      expect(answer.status).toBe(503)
      expect(await answer.json()).toMatchObject({ reason: 'privileges_missing' })
      await migrator`grant insert on parcels to app`
      await becomes(`${url}/readyz`, 200)
    } finally {
      await server?.close()
      await migrator.end({ timeout: 5 })
      await own.close()
    }
  })

  it('finishes a running request after SIGTERM, refuses new ones, and exits 0', async () => {
    const { url, kill, exited, ...spawned } = await start({ HTTP_DRAIN_DELAY_MS: '300' })
    const body = JSON.stringify({
      email: 'drain@example.org',
      password: 'long enough for anybody',
      name: 'Drain',
    })
    const slow = request(`${url}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    const answered = new Promise<number | undefined>((resolve, reject) => {
      slow.on('response', (res) => resolve(res.resume().statusCode))
      slow.on('error', reject)
    })
    slow.write(body.slice(0, 10))
    await until('the first half has arrived', async () =>
      /http_requests_in_flight [1-9]/.test(await (await fetch(spawned.metricsUrl)).text()),
    )

    kill('SIGTERM')
    await becomes(`${url}/readyz`, 503)
    await untilLogged({ kill, exited, ...spawned }, 'draining')
    await until('the listener is closed', () =>
      fetch(`${url}/livez`).then(
        () => false,
        () => true,
      ),
    )
    slow.end(body.slice(10))

    expect(await answered).toBe(200)
    expect(await exited).toEqual({ code: 0, signal: null })
    const last = spawned.lines().findLast((line) => line['msg'] === 'request')
    expect(last).toMatchObject({ route: '/api/auth/*', status: 200 })
  })

  it('ends at once on a second signal', async () => {
    const { url, kill, exited } = await start({ HTTP_DRAIN_DELAY_MS: '30000' })
    await becomes(`${url}/readyz`, 200)

    kill('SIGTERM')
    await becomes(`${url}/readyz`, 503)
    kill('SIGTERM')

    expect(await exited).toEqual({ code: 143, signal: null })
  })

  it('names a busy port and the setting that changes it', async () => {
    const { url } = await start()
    const taken = new URL(url).port
    const second = spawnProcess(bundleOf('server'), {
      ...serverEnv(database.urlFor('app')),
      HTTP_PORT: taken,
    })

    expect((await second.exited).code).toBe(1)
    expect(second.stderr()).toBe(
      `error: port ${taken} on 127.0.0.1 is in use\nhint: stop what uses it, or set HTTP_PORT to a free one\n`,
    )
  })

  it('serves its metrics on the second listener alone', async () => {
    const { url, metricsUrl } = await start()
    await fetch(`${url}/livez`)

    const text = await (await fetch(metricsUrl)).text()

    expect(text).toMatch(/http_requests_total\{method="GET",route="\/livez",status="200"\} [1-9]/)
    expect(text).toMatch(/database_pool_connections\{state="size"\} 10/)
    expect(text).toMatch(/build_info\{version="\d+\.\d+\.\d+",revision="unknown"\} 1/)
    expect(undocumentedSeries(text)).toEqual([])
    expect(await statusOf(`${url}/metrics`)).toBe(404)
  })
})
