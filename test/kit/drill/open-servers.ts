import { join } from 'node:path'
import { freePort } from '../support/free-port.ts'
import { moveWal } from '../support/move-wal.ts'
import { copyAsStandby, openDrillServer, type DrillServer } from './drill-server.ts'
import { provision, secret, type Passwords } from './provision.ts'
import { mountSmallVolume, type SmallVolume } from './small-volume.ts'

const dataMegabytes = 768
const walMegabytes = 256

export type StageKind = 'plain' | 'small volumes' | 'with standby'

export interface Servers {
  postgres: DrillServer
  standby?: DrillServer
  volumes?: { data: SmallVolume; wal: SmallVolume }
  passwords: Passwords
}

async function openPlain(home: string): Promise<Servers> {
  const superuserPassword = secret()
  const server = await openDrillServer({ home, port: await freePort(), superuserPassword })
  return { postgres: server, passwords: await provision(server.port, superuserPassword) }
}

/** The data folder and the WAL each on a file system of their own. */
async function openOnVolumes(folder: string): Promise<Servers> {
  const data = await mountSmallVolume(join(folder, 'volume'), dataMegabytes)
  const wal = await mountSmallVolume(join(folder, 'wal'), walMegabytes)
  const small = { max_wal_size: '64MB', min_wal_size: '32MB' }
  const superuserPassword = secret()
  const settings = { home: data.path, port: await freePort(), superuserPassword, parameters: small }
  const server = await openDrillServer(settings)
  const passwords = await provision(server.port, superuserPassword)
  await server.close()
  moveWal(data.path, wal.path)
  await server.start()
  return { postgres: server, passwords, volumes: { data, wal } }
}

/** Nothing is acknowledged that the standby has not on its disk. */
async function openWithStandby(folder: string): Promise<Servers> {
  const { postgres: alone, passwords } = await openPlain(join(folder, 'primary'))
  await alone.close()
  const home = join(folder, 'standby')
  await copyAsStandby(alone.settings, home)
  const parameters = { synchronous_standby_names: '*' }
  const primary = await openDrillServer({ ...alone.settings, parameters })
  const { superuserPassword } = alone.settings
  const standby = await openDrillServer({ home, port: await freePort(), superuserPassword })
  return { postgres: primary, standby, passwords }
}

/** A migrated PostgreSQL in `folder`, and what a kind of stage has beside it. */
export function openServers(kind: StageKind, folder: string): Promise<Servers> {
  if (kind === 'small volumes') return openOnVolumes(folder)
  return kind === 'with standby' ? openWithStandby(folder) : openPlain(join(folder, 'server'))
}
