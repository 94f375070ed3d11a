import { chmod, chown, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stopOrphan } from '../../postgres/postmaster-pid.ts'
import type { Programs } from '../../postgres/run-program.ts'
import { serverAccount } from '../../postgres/server-account.ts'
import { openSocketFolder } from '../../postgres/socket-folder.ts'
import type { DisposablePlace } from '../../postgres/disposable-server.ts'

/** Of one drill. `work` is below the shared volume; everything in it belongs to the drill and is removed after it. */
export interface DrillPlace extends DisposablePlace {
  work: string
}

export const workFolder = (handOver: string): string => join(handOver, 'work')
export const doorSocket = (handOver: string): string => join(handOver, 'drill.sock')
export const dataFolder = (handOver: string): string => join(workFolder(handOver), 'data')

const wording = {
  server: 'the disposable server',
  volume: 'the volume of the drill',
  logHint: 'read the log of the drill: make logs SERVICE=drill',
}

/** Removes what a drill has left, also one that was killed; its server first. */
export const sweepDrill = async (handOver: string): Promise<void> => {
  await stopOrphan(dataFolder(handOver))
  await rm(workFolder(handOver), { recursive: true, force: true })
}

/** Makes the folders of one drill, open to the account of its server; sweepDrill removes the work folder, the caller `sockets`. */
export const openDrillPlace = async (handOver: string, programs: Programs): Promise<DrillPlace> => {
  const account = await serverAccount(dataFolder(handOver))
  const work = workFolder(handOver)
  await mkdir(work, { recursive: true })
  await chmod(work, 0o770)
  if (account !== undefined) await chown(work, account.uid, account.gid)
  return {
    ...{ work, programs, account, wording },
    data: dataFolder(handOver),
    log: join(work, 'server.log'),
    sockets: await openSocketFolder('drill', account),
  }
}
