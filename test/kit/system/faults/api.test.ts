import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { proof } from '#app/proof'
import { compose, containerOf, docker, eventually, ops, request, sql, stack } from '../../support/stack.ts'
import { apiContainers, eventsOfApi, restartedAfter, restartsOfSettledApi } from './support/api-container.ts'
import { evaluateInApi, killApi } from './support/evaluate-in-api.ts'
import { expectApiBack } from './support/expect-unharmed.ts'
import { runFault } from './support/run-fault.ts'
import { startWhatIsDown } from './support/start-what-is-down.ts'
import { signUp } from './support/write-load.ts'

const runs = { repeats: Number(process.env['FAULT_RUNS'] ?? 1) - 1 }
const askedExits = 1

/** For requests that are under way when the API is killed. */
const heldSeconds = 5

async function waitingForLocks(): Promise<number> {
  return Number(await sql('SELECT count(*) FROM pg_locks WHERE NOT granted'))
}

let cookie = ''

beforeAll(async () => {
  cookie = await signUp()
})

afterAll(startWhatIsDown)

/** Waits until the proxy sends writes to this very container. */
function untilItServes(container: string, sinceMs: number): Promise<boolean> {
  return eventually(`${container} serves`, async () => {
    const log = await docker('logs', '--since', new Date(sinceMs).toISOString(), container)
    return log.includes(`"route":"${proof.row.path}"`) || undefined
  })
}

describe('the API is away', () => {
  it('out of memory › is started anew, and nothing acknowledged is lost', runs, async () => {
    const begin = Date.now()
    const before = await restartsOfSettledApi()

    const outcome = await runFault(
      'API out of memory',
      cookie,
      async () => {
        const grow = 'globalThis.grown = []; setInterval(() => grown.push(Buffer.alloc(16 << 20, 1)), 5)'
        await evaluateInApi(grow).catch(() => undefined)
        return restartedAfter(before)
      },
      { askedExits },
    )

    expectApiBack(outcome)
    expect(await eventsOfApi(begin)).toEqual(expect.arrayContaining(['oom', 'die 137']))
  })

  it(
    'killed in the middle of requests › is started anew, and nothing acknowledged is lost',
    runs,
    async () => {
      const before = await restartsOfSettledApi()

      const outcome = await runFault(
        'API killed (-9)',
        cookie,
        async () => {
          const held = sql(
            `BEGIN; LOCK TABLE ${proof.row.table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(${heldSeconds}); COMMIT`,
          )
          await eventually(
            'a request waits for the table',
            async () => (await waitingForLocks()) > 0 || undefined,
          )
          await killApi()
          await restartedAfter(before)
          await held
          return Date.now()
        },
        { askedExits },
      )

      expectApiBack(outcome)
      expect(outcome.failed).toBeGreaterThan(0)
    },
  )

  it(
    'an error that nobody caught › ends it cleanly after a last line, and it is started anew',
    runs,
    async () => {
      const begin = Date.now()
      const before = await restartsOfSettledApi()

      const outcome = await runFault(
        'an error that nobody caught',
        cookie,
        async () => {
          // After the inspector was left: Node waits at its end for whoever still looks.
          await evaluateInApi("setTimeout(() => { throw new Error('nobody foresaw this') }, 500)")
          return restartedAfter(before)
        },
        { askedExits },
      )

      expectApiBack(outcome)
      expect(outcome.fatal).toHaveLength(1)
      expect(outcome.fatal[0]).toContain('nobody foresaw this')
      expect(await eventsOfApi(begin)).toEqual(['die 1'])
    },
  )

  it('one of two replicas stopped and started again › no request fails', runs, async () => {
    const up = ['up', '--detach', '--wait', '--no-build', '--no-deps'] as const
    // New ones: to start a container by hand sets its count of restarts to 0, and exits would come out negative.
    await compose(...up, '--force-recreate', '--scale', 'api=2', 'api')
    const [first = '', second = ''] = await apiContainers()

    const outcome = await runFault('one of two replicas stopped', cookie, async () => {
      await untilItServes(second, Date.now())
      await docker('stop', first)
      const state = await docker('inspect', '--format', '{{.State.ExitCode}}', first)
      expect(state.trim()).toBe('0')
      await docker('start', first)
      await untilItServes(first, Date.now())
      return Date.now()
    })
    await compose(...up, '--no-recreate', '--scale', 'api=1', 'api')

    expectApiBack(outcome)
    expect(outcome.ledger.failures).toEqual({})
    expect(outcome.acknowledged).toBeGreaterThan(100)
  })

  it('no replica, and no name server outside › is refused at the end of the retries', async () => {
    const file = join(stack().folder, 'no-name-server.yaml')
    writeFileSync(file, 'services: { caddy: { dns: [192.0.2.1] } }\n')
    await compose('--file', file, 'up', '--detach', '--wait', '--no-build', '--no-deps', 'caddy')
    const waits: number[] = []
    const ask = async (): Promise<number> => {
      const begin = performance.now()
      const { status } = await request('/api/health/db')
      waits.push(performance.now() - begin)
      return status
    }
    let statuses: number[]
    try {
      await compose('stop', 'api')
      statuses = await Promise.all(Array.from({ length: 8 }, ask))
    } finally {
      await startWhatIsDown()
    }

    expect(statuses).toEqual(Array.from({ length: 8 }, () => 503))
    expect(Math.max(...waits)).toBeLessThan(8_000)
  })

  it('Caddy restarted › cuts requests off, and loses nothing acknowledged', runs, async () => {
    const outcome = await runFault('Caddy restarted', cookie, async () => {
      await compose('restart', '--no-deps', 'caddy')
      return Date.now()
    })

    expectApiBack(outcome)
  })

  it(
    'up twice at once › one of them does it, the other says why not, and no request fails',
    runs,
    async () => {
      const services = ['api', 'caddy', 'db']
      const before = await Promise.all(services.map(containerOf))

      let said: string[] = []
      const outcome = await runFault('up twice at once', cookie, async () => {
        const ends = await Promise.allSettled([ops('up.sh'), ops('up.sh')])
        said = ends.map((end) => (end.status === 'fulfilled' ? end.value : String(end.reason)))
        return Date.now()
      })

      expectApiBack(outcome)
      expect(outcome.ledger.failures).toEqual({})
      expect(said.filter((text) => text.includes('The stack is healthy'))).toHaveLength(1)
      expect(said.filter((text) => text.includes("error: another 'up' is running"))).toHaveLength(1)
      expect(await Promise.all(services.map(containerOf))).toEqual(before)
    },
  )
})
