/**
 * The sample data of the application. A second run changes nothing but the passwords, and those only when SEED_PASSWORD is given.
 *   SEED_PASSWORD='at least 8 characters' node src/kit/bin/seed.ts
 */
import { randomBytes } from 'node:crypto'
import { createAuth } from '../auth/create-auth.ts'
import { loadBoth } from '../config/load.ts'
import { openDatabase, type Database } from '../db/open-database.ts'
import { exitCodes } from '../errors.ts'
import { loadApplication } from './process/mounted-application.ts'
import { defineVerb } from './process/define-verb.ts'
import { reportFailure } from './process/report-failure.ts'
import { runCommand } from './process/run-command.ts'
import { openTerminal, type Terminal } from './process/terminal.ts'

/** The sessions of these sign-ups are never used, so any secret may sign them. */
function openAuth(db: Database) {
  return createAuth({
    db,
    secret: randomBytes(32).toString('hex'),
    baseUrl: 'http://localhost',
    rateLimits: false,
    onError: (err) => reportFailure(err),
  })
}

async function seedDatabase(print: Terminal['print']): Promise<void> {
  const application = await loadApplication()
  const { config, settings } = loadBoth('seed', process.env, application.settings)
  const { db, assertSession, close } = openDatabase({
    url: config.DATABASE_URL,
    ca: config.DATABASE_CA_FILE,
    applicationName: 'slipway-seed',
    poolSize: 2,
    connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
    statementTimeoutMs: config.DATABASE_STATEMENT_TIMEOUT_MS,
    lockTimeoutMs: config.DATABASE_LOCK_TIMEOUT_MS,
    queryTimeoutMs: config.DATABASE_QUERY_TIMEOUT_MS,
    poolWaitMs: config.DATABASE_POOL_WAIT_MS,
    idleInTransactionTimeoutMs: config.DATABASE_IDLE_IN_TRANSACTION_TIMEOUT_MS,
    prepare: config.DATABASE_PREPARE,
  })
  try {
    await assertSession(config.DATABASE_CONNECT_TIMEOUT_MS)
    const password = process.env['SEED_PASSWORD'] || undefined
    await application.seed({ db, auth: openAuth(db), settings, password, print })
  } finally {
    await close()
  }
}

const exitCode = await runCommand({
  name: 'seed',
  verb: defineVerb({
    usage: ['   write the sample data; SEED_PASSWORD sets the passwords'],
    options: {},
    run: ({ print }: Terminal) => seedDatabase(print),
  }),
  open: openTerminal,
})
if (exitCode !== exitCodes.ok) process.exit(exitCode)
