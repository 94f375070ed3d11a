import postgres, { type Sql } from 'postgres'
import { openDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.ts'
import type { SpawnedProcess } from '../support/spawn-process.ts'
import { serverEnv, spawnServer, type SpawnedServer } from '../support/spawn-server.ts'
import { plainLaunch, type ApiLaunch } from './api-launch.ts'
import { openPoolWriters, type PoolWriters } from './open-pool-writers.ts'
import { openServers, type Servers, type StageKind } from './open-servers.ts'
import { urlFor, type Role } from './provision.ts'
import { openScratchFolder } from './scratch-folder.ts'
import { signUp } from './sign-up.ts'
import type { ClosedLedger } from './stored-rows.ts'
import type { UndoStack } from './undo-stack.ts'

/** A PostgreSQL, a proxy before it, an API and writers behind that, all processes of their own. */
export interface Stage extends Pick<Servers, 'postgres' | 'standby' | 'volumes'> {
  kind: StageKind
  /** For files of a fault. */
  folder: string
  proxy: DatabaseProxy
  /** Superuser, past the proxy. */
  admin: Sql
  url: (role: Role) => string
  /** The API of now; a fault may replace it. */
  api: SpawnedServer
  launch: ApiLaunch
  writers: PoolWriters
  cookie: string
  /** How often a process of ours has ended that nobody told to. */
  exits: number
  startApi: () => Promise<void>
  /** Told to end: counts as no exit. */
  restartApi: (launch: ApiLaunch) => Promise<void>
  /** The standby is the server from now on. */
  moveToStandby: () => Promise<void>
  /** Of all that was written on this stage. */
  ledgers: ClosedLedger[]
}

export interface StageSettings {
  kind: StageKind
  undo: UndoStack
  /** Over the API's usual environment. */
  env?: Record<string, string>
}

function openAdmin(url: string): Sql {
  return postgres(url, {
    max: 1,
    backoff: () => 0.1,
    connect_timeout: 2,
    onnotice: () => undefined,
  } as postgres.Options<Record<string, postgres.PostgresType>>)
}

async function startApi(stage: Stage, { undo, env }: StageSettings): Promise<void> {
  const { launch, proxy, folder } = stage
  const url = new URL(stage.url('app'))
  url.hostname = launch.host ?? '127.0.0.1'
  url.port = String(proxy.port)
  const onSpawn = (spawned: SpawnedProcess): void => {
    undo.push(() => spawned.close())
    void spawned.exited.then(() => (stage.exits += 1))
  }
  stage.api = await spawnServer(
    // By the name of the folder in its environment a later drill finds an API whose own was killed.
    { ...serverEnv(url.href), LOG_LEVEL: 'info', TMPDIR: folder, ...launch.env, ...env },
    { through: launch.through, onSpawn },
  )
}

function addWriters(stage: Stage, undo: UndoStack): void {
  const url = new URL(stage.url('app'))
  url.port = String(stage.proxy.port)
  const writers = openPoolWriters(url.href)
  undo.push(writers.close)
  void writers.exited.then(() => (stage.exits += 1))
  stage.writers = writers
}

function addMethods(stage: Stage, settings: StageSettings): void {
  const { undo } = settings
  stage.startApi = () => startApi(stage, settings)
  stage.restartApi = async (launch) => {
    await stage.api.close()
    stage.exits -= 1
    stage.launch = launch
    await stage.startApi()
  }
  stage.moveToStandby = async () => {
    if (stage.standby === undefined) throw new Error('this stage has no standby')
    await stage.admin.end({ timeout: 0 })
    stage.postgres = stage.standby
    stage.admin = openAdmin(stage.url('postgres'))
    const { admin } = stage
    undo.push(() => admin.end({ timeout: 1 }))
    stage.proxy.sendTo(stage.postgres.port)
  }
}

/** Everything it opens is on `undo` at once, so that an error half-way leaves nothing behind. */
export async function openStage(settings: StageSettings): Promise<Stage> {
  const { kind, undo } = settings
  const scratch = await openScratchFolder()
  undo.push(scratch.remove)
  const { passwords, ...servers } = await openServers(kind, scratch.path)
  // Once more, because an interrupt may have cleared the folder while the servers were being made.
  undo.push(scratch.remove)
  const stage = {
    kind,
    folder: scratch.path,
    ...servers,
    launch: plainLaunch,
    exits: 0,
    ledgers: [],
  } as unknown as Stage
  stage.url = (role) => urlFor(passwords, role, stage.postgres.port)
  stage.admin = openAdmin(stage.url('postgres'))
  const { admin } = stage
  undo.push(() => admin.end({ timeout: 1 }))
  stage.proxy = await openDatabaseProxy('127.0.0.1', stage.postgres.port)
  undo.push(stage.proxy.close)
  addMethods(stage, settings)
  await stage.startApi()
  addWriters(stage, undo)
  stage.cookie = await signUp(stage.api.url)
  return stage
}
