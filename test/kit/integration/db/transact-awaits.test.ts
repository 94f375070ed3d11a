import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase, type DatabaseHandle } from '../../../../src/kit/db/open-database.ts'
import { transact, type Transaction } from '../../../../src/kit/db/transact.ts'
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts'
import { poolSettings } from '../../support/pool-settings.ts'

let database: TestDatabase
let handle: DatabaseHandle

beforeAll(async () => {
  database = await createTestDatabase()
  handle = openDatabase({
    ...poolSettings,
    url: database.urlFor('migrator'),
    applicationName: 'awaits',
    poolSize: 2,
  })
  await handle.db.execute(sql`create table notes (note text)`)
})

beforeEach(() => handle.db.execute(sql`truncate notes`))

afterAll(async () => {
  await handle.close()
  await database.close()
})

function note(tx: Pick<Transaction, 'execute'>, text: string) {
  return tx.execute(sql`insert into notes values (${text})`)
}

async function stored(): Promise<unknown[]> {
  const rows = await handle.db.execute(sql`select note from notes order by note`)
  return rows.map((row) => row['note'])
}

describe('the work of a transaction that awaits something else than its own statements', () => {
  it.each([
    ['a timer', () => wait(5)],
    ['a file', () => readFile(import.meta.filename)],
    ['a statement on another connection', () => handle.db.execute(sql`select 1`)],
  ])('is refused and rolled back: %s', async (_what, elsewhere) => {
    const outcome = transact(handle.db, async (tx) => {
      await note(tx, 'before')
      await elsewhere()
      await note(tx, 'after')
    })

    await expect(outcome).rejects.toThrow('waited for something else')
    expect(await stored()).toEqual([])
    await expect.poll(handle.stats).toMatchObject({ inUse: 0, waiting: 0 })
  })

  it('is refused before its first statement too', async () => {
    const outcome = transact(handle.db, async (tx) => {
      await wait(5)
      await note(tx, 'after')
    })

    await expect(outcome).rejects.toThrow('waited for something else')
    expect(await stored()).toEqual([])
  })

  it('is told by whom it was begun', async () => {
    const err = await transact(handle.db, () => wait(5)).catch((each: unknown) => each as Error)

    expect((err as Error).stack).toContain('transact-awaits.test.ts')
  })
})

describe('the work of a transaction that awaits its own statements', () => {
  it('is let through: slow ones, parallel ones, savepoints, and what is ready at once', async () => {
    await transact(handle.db, async (tx) => {
      await tx.execute(sql`select pg_sleep(0.05)`)
      await Promise.all([note(tx, 'a'), note(tx, 'b')])
      await Promise.resolve()
      await tx.transaction((inner) => note(inner, 'c'))
      for (let n = 0; n < 50; n += 1) await tx.execute(sql`select ${n}::int`)
      await note(tx, 'd')
    })

    expect(await stored()).toEqual(['a', 'b', 'c', 'd'])
  })
})
