import { setTimeout as wait } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { compose, containerOf, docker, stack } from '../../support/stack.ts'
import { acceptedAfter, freeze, inDatabase, partition } from './support/database-faults.ts'
import { expectApiUnmoved } from './support/expect-unharmed.ts'
import { runFault } from './support/run-fault.ts'
import { startWhatIsDown } from './support/start-what-is-down.ts'
import { signUp } from './support/write-load.ts'

const downMs = 3_000
const runs = { repeats: Number(process.env['FAULT_RUNS'] ?? 1) - 1 }

let cookie = ''

beforeAll(async () => {
  cookie = await signUp()
})

afterAll(startWhatIsDown)

async function restartsOfDatabase(): Promise<number> {
  return Number(await docker('inspect', '--format', '{{.RestartCount}}', await containerOf('db')))
}

describe('the database is away', () => {
  it(
    'container killed, 3 s down › nothing acknowledged is lost, and the API is back with it',
    runs,
    async () => {
      const outcome = await runFault('database killed, 3 s down', cookie, async (struck) => {
        const begin = Date.now()
        await compose('kill', '--signal', 'KILL', 'db')
        struck()
        await wait(downMs)
        await compose('start', 'db')
        return acceptedAfter(begin)
      })

      expectApiUnmoved(outcome)
      expect(outcome.flipMs).toBeLessThan(2_000)
    },
  )

  it('postmaster killed › the engine starts it anew, and nothing acknowledged is lost', runs, async () => {
    const before = await restartsOfDatabase()

    const outcome = await runFault('postmaster killed (-9)', cookie, async () => {
      const begin = Date.now()
      await inDatabase('kill -KILL "$(head -n 1 "$PGDATA/postmaster.pid")"').catch(() => undefined)
      return acceptedAfter(begin)
    })

    expectApiUnmoved(outcome)
    expect(await restartsOfDatabase()).toBe(before + 1)
  })

  it('fast restart › is survived without an exit', runs, async () => {
    const outcome = await runFault('database restarted', cookie, async () => {
      const begin = Date.now()
      await compose('restart', '--no-deps', 'db')
      return acceptedAfter(begin)
    })

    expectApiUnmoved(outcome)
  })

  it('frozen for 10 s › nobody waits for it, and its return is noticed', runs, async () => {
    const outcome = await runFault('database frozen for 10 s', cookie, () => freeze('db', 10_000))

    expectApiUnmoved(outcome)
    expect(outcome.flipMs).toBeLessThan(2_000)
  })

  it('off the network, its name gone too › is found again after the healing', runs, async () => {
    const outcome = await runFault('network parted, 5 s', cookie, (struck) =>
      partition(`${stack().project}_data`, 5_000, struck),
    )

    expectApiUnmoved(outcome)
    expect(outcome.flipMs).toBeLessThan(2_000)
  })
})
