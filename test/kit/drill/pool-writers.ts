/**
 * The process behind open-pool-writers.ts: writes through the guarded pool of src/kit/db as fast as it can. Single
 * statements run beside transactions of several, some of which are rolled back on purpose, so that whatever passes from
 * one into another is stored where it must not be, or is lost.
 */
import { sql } from 'drizzle-orm'
import { openDatabase, type Database, type DatabaseHandle } from '../../../src/kit/db/open-database.ts'
import { transact } from '../../../src/kit/db/transact.ts'
import { createLedger, type Ledger } from './ledger.ts'
import type { WriterAnswer, WriterOrder } from './open-pool-writers.ts'
import { createRandom, type Random } from './random.ts'
import { createStopwatch, type Stopwatch } from './stopwatch.ts'
import { marksPerWrite } from './stored-rows.ts'
import { poolSettings } from '../support/pool-settings.ts'

interface Session {
  database: DatabaseHandle
  ledger: Ledger
  stopwatch: Stopwatch
  random: Random
  /** Of all writes, from 0 to 1; a third of them is rolled back. */
  transactions: number
}

const onPurpose = new Error('rolled back on purpose')

/** Prepared, as the hot paths of the API are. */
function atOnce({ database, ledger }: Session, write: number) {
  return database.sql.unsafe(
    'insert into drill_marks (run, write, part) select $1, $2::int, part from generate_series(0, $3::int) as part',
    [ledger.name, write, marksPerWrite - 1],
    { prepare: true },
  )
}

function stepByStep(db: Database, { ledger }: Session, write: number, isRolledBack: boolean) {
  return transact(db, async (tx) => {
    for (let part = 0; part < marksPerWrite; part += 1) {
      await tx.execute(
        sql`insert into drill_marks (run, write, part) values (${ledger.name}, ${write}, ${part})`,
      )
    }
    if (isRolledBack) throw onPurpose
  })
}

function succeeds(work: PromiseLike<unknown>): Promise<boolean> {
  return Promise.resolve(work).then(
    () => true,
    () => false,
  )
}

async function writeOne(session: Session): Promise<void> {
  const { ledger, stopwatch, database, random } = session
  const dice = random.next()
  const isRolledBack = dice < session.transactions / 3
  const write = ledger.issue(isRolledBack ? 'refused' : 'indeterminate')
  const work = () =>
    succeeds(
      dice < session.transactions
        ? stepByStep(database.db, session, write, isRolledBack)
        : atOnce(session, write),
    )
  const isStored = await stopwatch.time(work, Boolean)
  if (isStored) ledger.acknowledge(write)
  else if (!isRolledBack) await new Promise((resolve) => setTimeout(resolve, 10))
}

function run(session: Session, writers: number): () => Promise<void> {
  let isRunning = true
  const running = Array.from({ length: writers }, async () => {
    while (isRunning) await writeOne(session)
  })
  return async () => {
    isRunning = false
    await Promise.all(running)
    await session.database.close()
  }
}

function openSession({ url, name, seed, poolSize, transactions }: WriterOrder & { type: 'begin' }): Session {
  return {
    database: openDatabase({
      ...poolSettings,
      url,
      applicationName: 'drill-writers',
      poolSize,
      idleInTransactionTimeoutMs: 1_000,
    }),
    ledger: createLedger(name),
    stopwatch: createStopwatch(),
    random: createRandom(seed, name),
    transactions,
  }
}

function answer(message: WriterAnswer): void {
  process.send?.(message)
}

function serve(): void {
  let session: Session | undefined
  let stop = (): Promise<void> => Promise.resolve()
  const obey = async (order: WriterOrder): Promise<void> => {
    if (order.type === 'begin') {
      session = openSession(order)
      stop = run(session, 2 * order.poolSize)
    } else if (order.type === 'count') {
      answer({ type: 'counted', acknowledged: session?.ledger.acknowledged() ?? 0 })
    } else if (session !== undefined) {
      await stop()
      const { ledger, stopwatch } = session
      answer({
        type: 'ended',
        acknowledged: ledger.acknowledged(),
        fates: ledger.fates(),
        longestMs: stopwatch.longestMs(),
      })
    }
  }
  process.on('message', (order) => void obey(order as WriterOrder))
  process.on('disconnect', () => process.exit())
}

serve()
