import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres, { type Sql } from 'postgres'
import { openEmbeddedServer, type EmbeddedServer } from '../../src/db/embedded-server.ts'
import { provisionRoles } from '../../src/db/provision-roles.ts'
import { openDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.ts'
import { freePort } from '../support/free-port.ts'
import { migrateDatabase } from '../support/migrate-database.ts'
import { serverEnv, spawnServer, type SpawnedServer } from '../support/spawn-server.ts'

/** A PostgreSQL, a proxy before it and an API behind that, all processes of their own. */
export interface Stage {
  admin: Sql
  proxy: DatabaseProxy
  /** The API of now; a fault may replace it. */
  api: SpawnedServer
  /** How often an API process has ended. */
  exits: number
  cookie: string
  postgres: { pid: () => number; start: () => Promise<void>; ended: () => Promise<void> }
  startApi: () => Promise<void>
  close: () => Promise<void>
}

const secret = (): string => randomBytes(16).toString('hex')

const rolesFile = new URL('../../ops/postgres/roles.sql', import.meta.url)

const signUp = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://localhost:3000' },
    body: JSON.stringify({ name: 'Drill', email: 'drill@example.com', password: 'long enough for anybody' }),
  })
  if (!answer.ok) throw new Error(`sign-up answered ${answer.status}: ${await answer.text()}`)
  return answer.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
}

const provision = async (port: number, superuserPassword: string): Promise<Record<string, string>> => {
  const admin = postgres(`postgres://postgres:${superuserPassword}@127.0.0.1:${port}/postgres`, {
    max: 1,
    onnotice: () => undefined,
  })
  await admin.unsafe('create database drill')
  await admin.end({ timeout: 5 })
  const passwords = {
    migrator: secret(),
    app: secret(),
    backup: secret(),
    monitor: secret(),
  }
  const owner = postgres(`postgres://postgres:${superuserPassword}@127.0.0.1:${port}/drill`, {
    max: 1,
    onnotice: () => undefined,
  })
  await provisionRoles(owner, await readFile(rolesFile, 'utf8'), passwords)
  await owner.end({ timeout: 5 })
  await migrateDatabase(`postgres://migrator:${passwords.migrator}@127.0.0.1:${port}/drill`)
  return passwords
}

/** Durable: a server that is killed must lose nothing that it has committed. */
export const openStage = async (): Promise<Stage> => {
  const home = await mkdtemp(join(tmpdir(), 'slipway-drill-'))
  const superuserPassword = secret()
  const port = await freePort()
  let server: EmbeddedServer = await openEmbeddedServer({ home, port, superuserPassword, durable: true })
  const passwords = await provision(port, superuserPassword)
  const proxy = await openDatabaseProxy('127.0.0.1', port)
  const admin = postgres(`postgres://postgres:${superuserPassword}@127.0.0.1:${port}/drill`, {
    max: 1,
    backoff: 0.1 as unknown as false,
    onnotice: () => undefined,
  })
  const startApi = async (): Promise<void> => {
    const api = await spawnServer({
      ...serverEnv(`postgres://app:${passwords['app'] ?? ''}@127.0.0.1:${proxy.port}/drill`),
      LOG_LEVEL: 'info',
    })
    void api.exited.then(() => (stage.exits += 1))
    stage.api = api
  }
  const stage = {
    admin,
    proxy,
    exits: 0,
    cookie: '',
    postgres: {
      pid: () => server.pid,
      ended: () => server.exited,
      start: async () => {
        server = await openEmbeddedServer({ home, port, superuserPassword, durable: true })
      },
    },
    startApi,
  } as unknown as Stage
  await startApi()
  stage.cookie = await signUp(stage.api.url)
  stage.close = async () => {
    await stage.api.close()
    await admin.end({ timeout: 1 })
    await proxy.close()
    await server.close()
    await rm(home, { recursive: true, force: true })
  }
  return stage
}
