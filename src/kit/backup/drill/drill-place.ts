import { chmod, chown, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stopOrphan } from '../../postgres/postmaster-pid.ts'
import type { Programs } from '../../postgres/run-program.ts'
import { serverAccount } from '../../postgres/server-account.ts'
import { openSocketFolder } from '../../postgres/socket-folder.ts'
import type { DisposablePlace } from '../../postgres/disposable-server.ts'

/** Folders of one drill. `work` is inside the shared volume and is removed after the drill. */
export interface DrillPlace extends DisposablePlace {
  work: string
}

export function workFolder(handoffFolder: string): string {
  return join(handoffFolder, 'work')
}
/** Returns the path of the Unix socket of the drill service. */
export function drillSocket(handoffFolder: string): string {
  return join(handoffFolder, 'drill.sock')
}
export function dataFolder(handoffFolder: string): string {
  return join(workFolder(handoffFolder), 'data')
}

const wording = {
  server: 'the disposable server',
  volume: 'the volume of the drill',
  logHint: 'read the log of the drill: make logs SERVICE=drill',
}

/** Stops the server of the last drill, if it still runs, and removes its folders. Works after a kill too. */
export async function sweepDrill(handoffFolder: string): Promise<void> {
  await stopOrphan(dataFolder(handoffFolder))
  await rm(workFolder(handoffFolder), { recursive: true, force: true })
}

/**
 * Creates the folders of one drill, accessible to the account of its server. sweepDrill removes the work
 * folder; the caller removes `sockets`.
 */
export async function openDrillPlace(handoffFolder: string, programs: Programs): Promise<DrillPlace> {
  const account = await serverAccount(dataFolder(handoffFolder))
  const work = workFolder(handoffFolder)
  await mkdir(work, { recursive: true })
  await chmod(work, 0o770)
  if (account !== undefined) await chown(work, account.uid, account.gid)
  return {
    ...{ work, programs, account, wording },
    data: dataFolder(handoffFolder),
    log: join(work, 'server.log'),
    sockets: await openSocketFolder('drill', account),
  }
}
