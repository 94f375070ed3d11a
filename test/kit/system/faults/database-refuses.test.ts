import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { proof } from '#app/proof'
import { sql } from '../../support/stack.ts'
import { acceptedAfter, freeze, inDatabase, timesLogged, whileRole } from './support/database-faults.ts'
import { expectApiUnmoved } from './support/expect-unharmed.ts'
import { runFault } from './support/run-fault.ts'
import { startWhatIsDown } from './support/start-what-is-down.ts'
import { signUp } from './support/write-load.ts'

const holdMs = 3_000
const runs = { repeats: Number(process.env['FAULT_RUNS'] ?? 1) - 1 }

let cookie = ''

beforeAll(async () => {
  cookie = await signUp()
})

afterAll(startWhatIsDown)

const openTransactions = "usename = 'app' AND state = 'idle in transaction'"

describe('the database refuses', () => {
  it('one backend killed › all start anew, and nothing acknowledged is lost', runs, async () => {
    const outcome = await runFault('one backend killed (-9)', cookie, async () => {
      const begin = Date.now()
      const pid = await sql("SELECT pid FROM pg_stat_activity WHERE usename = 'app' LIMIT 1")
      await inDatabase(`kill -KILL ${pid}`)
      return acceptedAfter(begin)
    })

    expectApiUnmoved(outcome)
  })

  it('sessions ended inside transactions › leave no half of one', runs, async () => {
    const begin = Date.now()

    const outcome = await runFault('sessions ended in transactions', cookie, async () => {
      await sql(`DO $$ BEGIN
        FOR round IN 1..100 LOOP
          PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${openTransactions};
          COMMIT;
          PERFORM pg_sleep(0.03);
        END LOOP;
      END $$`)
      return Date.now()
    })

    expectApiUnmoved(outcome)
    expect(await timesLogged('terminating connection due to administrator command', begin)).toBeGreaterThan(9)
  })

  it(
    'transactions that sat idle for too long › are ended by the server and leave no half',
    runs,
    async () => {
      const begin = Date.now()
      const isInTransaction = async () =>
        (await sql(`SELECT count(*) FROM pg_stat_activity WHERE ${openTransactions}`)) !== '0'

      const outcome = await runFault('idle in transaction for too long', cookie, () =>
        freeze('api', holdMs, isInTransaction),
      )

      expectApiUnmoved(outcome)
      expect(await timesLogged('due to idle-in-transaction timeout', begin)).toBeGreaterThan(0)
    },
  )

  it('hot table locked › writes are refused in time and go on afterwards', runs, async () => {
    const outcome = await runFault('hot table locked', cookie, async () => {
      await sql(`BEGIN; LOCK TABLE ${proof.row.table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(4); COMMIT`)
      return Date.now()
    })

    expectApiUnmoved(outcome)
    expect(outcome.ledger.failures).toHaveProperty('503')
  })

  it('too many connections › is a refusal that passes', runs, async () => {
    const begin = Date.now()

    const outcome = await runFault('too many connections (53300)', cookie, (struck) =>
      whileRole('CONNECTION LIMIT 0', 'CONNECTION LIMIT -1', { holdMs, struck }),
    )

    expectApiUnmoved(outcome)
    expect(outcome.flipMs).toBeLessThan(2_000)
    expect(await timesLogged('too many connections for role', begin)).toBeGreaterThan(0)
  })

  it('read-only › is a refusal that passes', runs, async () => {
    const begin = Date.now()

    const outcome = await runFault('read-only (25006)', cookie, (struck) =>
      whileRole('SET default_transaction_read_only = on', 'RESET default_transaction_read_only', {
        holdMs,
        struck,
      }),
    )

    expectApiUnmoved(outcome)
    expect(outcome.ledger.failures).toHaveProperty('503')
    expect(await timesLogged('in a read-only transaction', begin)).toBeGreaterThan(0)
  })
})
