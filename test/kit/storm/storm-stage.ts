import postgres from 'postgres'
import { openContender, type Contender } from '../../../bench/api/open-contender.ts'
import { seedRows } from '../../../bench/api/seed-rows.ts'
import { signUp } from '../../../bench/api/sign-up.ts'
import { openServers } from '../drill/open-servers.ts'
import { urlFor } from '../drill/provision.ts'
import { openScratchFolder } from '../drill/scratch-folder.ts'
import { countRows } from '../drill/stored-rows.ts'
import type { UndoStack } from '../drill/undo-stack.ts'
import { freePort } from '../support/free-port.ts'
import { pinStage } from './pin-stage.ts'
import type { FloodTarget } from './run-flood.ts'

/** The API as it runs in production, its PostgreSQL and a user who is signed in; each server is a process of its own. */
export interface StormStage {
  api: Contender
  metricsUrl: string
  url: string
  cookie: string
  /** Of rows that belong to the user. */
  ids: string[]
  flood: FloodTarget
  /** Rows in the table that the requests write to. */
  countRows: () => Promise<number>
  /** Which processor runs what. */
  pinning: string
}

const publicUrl = 'http://localhost:3000'

function openApi(url: string, folder: string, metricsPort: number): Promise<Contender> {
  return openContender({
    name: 'api',
    entry: 'src/kit/bin/server.ts',
    env: {
      DATABASE_URL: url,
      AUTH_SECRET: 'a secret of more than thirty-two characters',
      PUBLIC_URL: publicUrl,
      HTTP_PORT: '0',
      METRICS_PORT: String(metricsPort),
    },
    folder,
    prefix: [],
  })
}

/** Durable, as in production: a database that waits for no disk flatters a benchmark and nobody else. */
export async function openStormStage(undo: UndoStack): Promise<StormStage> {
  const pinning = pinStage()
  const scratch = await openScratchFolder()
  undo.push(() => scratch.remove())
  const { postgres: server, passwords } = await openServers('plain', scratch.path)
  undo.push(() => server.close())
  const metricsPort = await freePort()
  const api = await openApi(urlFor(passwords, 'app', server.port), scratch.path, metricsPort)
  undo.push(() => api.close())
  const { id, cookie } = await signUp(api.port, publicUrl)
  const admin = postgres(urlFor(passwords, 'postgres', server.port), { max: 1, onnotice: () => undefined })
  undo.push(() => admin.end({ timeout: 1 }))
  return {
    api,
    cookie,
    countRows: () => countRows(admin),
    flood: { port: api.port, isTls: false, folder: scratch.path, cores: pinning.floodCores },
    ids: await seedRows(admin, id),
    url: `http://127.0.0.1:${api.port}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    pinning: pinning.description,
  }
}
