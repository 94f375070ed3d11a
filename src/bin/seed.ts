/**
 * Two users with trips and conversations, to try the API on. A second run changes nothing but the password, and that
 * only when SEED_PASSWORD is given.
 *   SEED_PASSWORD='at least 8 characters' node src/bin/seed.ts
 */
import { randomBytes } from 'node:crypto'
import { createAuth } from '../auth/create-auth.ts'
import { ensureUser } from '../auth/ensure-user.ts'
import { loadConfig } from '../config/load.ts'
import { openDatabase, type Database } from '../db/open-database.ts'
import { demoPlan, neighbourPlan } from '../travel/seed-plan.ts'
import { seedTravel } from '../travel/seed-travel.ts'
import { reportFailure } from './report-failure.ts'

const people = [
  { email: 'demo@slipway.example', name: 'Demo Traveller', plan: demoPlan },
  { email: 'neighbour@slipway.example', name: 'Neighbour', plan: neighbourPlan },
]

/** Nobody uses the sessions that signing up begins, so their signature may be anybody's. */
const openAuth = (db: Database) =>
  createAuth({
    db,
    secret: randomBytes(32).toString('hex'),
    baseUrl: 'http://localhost',
    rateLimits: false,
    onError: (err) => reportFailure(err),
  })

const seed = async (db: Database, password: string | undefined): Promise<void> => {
  const auth = openAuth(db)
  for (const { email, name, plan } of people) {
    const user = await ensureUser(auth, { email, name, password })
    await seedTravel(db, user.id, plan)
    process.stdout.write(`${email}  password: ${user.password ?? '(as before)'}\n`)
  }
}

const main = async (): Promise<void> => {
  const config = loadConfig('seed', process.env)
  const { db, assertSession, close } = openDatabase({
    url: config.DATABASE_URL,
    ca: config.DATABASE_CA_FILE,
    applicationName: 'slipway-seed',
    poolSize: 2,
    connectTimeoutMs: config.DATABASE_CONNECT_TIMEOUT_MS,
    prepare: config.DATABASE_PREPARE,
  })
  try {
    await assertSession(config.DATABASE_CONNECT_TIMEOUT_MS)
    await seed(db, process.env['SEED_PASSWORD'] || undefined)
  } finally {
    await close()
  }
}

try {
  await main()
} catch (err) {
  process.exit(reportFailure(err))
}
