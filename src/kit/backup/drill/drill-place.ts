import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopOrphan } from '../../postgres/postmaster-pid.ts'
import { serverAccount, type ServerAccount } from '../../postgres/server-account.ts'
import type { ServerPlace } from '../../postgres/disposable-server.ts'

/** Folders of one drill: `work` is below the shared volume; everything in it belongs to the drill and is thrown away. */
export type DrillPlace = ServerPlace

export const workFolder = (handOver: string): string => join(handOver, 'work')
export const doorSocket = (handOver: string): string => join(handOver, 'drill.sock')
export const dataFolder = (handOver: string): string => join(workFolder(handOver), 'data')

/** Takes away what a drill left, one that was killed too: its server first. */
const wording = {
  server: 'the throw-away server',
  volume: 'the volume of the drill',
  logHint: 'read the log of the drill: make logs SERVICE=drill',
}

export const sweepDrill = async (handOver: string): Promise<void> => {
  await stopOrphan(dataFolder(handOver))
  await rm(workFolder(handOver), { recursive: true, force: true })
}

const own = async (folder: string, account: ServerAccount): Promise<void> => {
  await chmod(folder, 0o770)
  if (account !== undefined) await chown(folder, account.uid, account.gid)
}

export const openDrillPlace = async (handOver: string): Promise<DrillPlace> => {
  const account = await serverAccount(dataFolder(handOver))
  const place = {
    work: workFolder(handOver),
    data: dataFolder(handOver),
    log: join(workFolder(handOver), 'server.log'),
    sockets: await mkdtemp(join(tmpdir(), 'drill-')),
    account,
    wording,
  }
  await mkdir(place.work, { recursive: true })
  await own(place.work, account)
  await own(place.sockets, account)
  return place
}
