import { chmod, chown, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stopOrphan } from '../../postgres/postmaster-pid.ts'
import { serverAccount } from '../../postgres/server-account.ts'
import { CommandError } from '../../errors.ts'
import type { Programs } from '../../postgres/run-program.ts'
import type { DisposablePlace } from '../../postgres/disposable-server.ts'
import { openSocketFolder } from '../../postgres/socket-folder.ts'
import { syncFolder } from '../../host/durable-file.ts'

/**
 * Work folder; its content moves to the top when the cluster is complete. A folder without PG_VERSION is
 * no cluster.
 */
const workName = '.upgrading'

export interface UpgradePlace extends DisposablePlace {
  work: string
  dumps: string
}

const wording = {
  server: 'the new server',
  volume: 'the volume of the new server',
  logHint: 'the old server is as it was; the lines above are the last of the new one',
}

/** Stops the server of an unfinished upgrade and removes its work folder. */
export async function discardUpgrade(folder: string): Promise<void> {
  await stopOrphan(join(folder, workName, 'cluster'))
  // Retries for ten seconds: initdb and pg_dump of a killed run write until they notice.
  await rm(join(folder, workName), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

/**
 * Returns true for an empty folder, and for the files of a killed upgrade: the work folder exists and
 * PG_VERSION does not.
 */
function isOurs(names: string[]): boolean {
  return names.length === 0 || (names.includes(workName) && !names.includes('PG_VERSION'))
}

/** Removes the files of a killed upgrade. Throws CommandError for a folder with any other content. */
export async function sweepUpgrade(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const names = (await readdir(folder)).filter((name) => name !== 'lost+found')
  if (!isOurs(names)) {
    throw new CommandError('refused', `${folder} is not empty: a server is upgraded into a new folder only`, {
      hint: 'name another folder',
    })
  }
  // Remove the work folder last: it marks the other files as ours.
  for (const name of names.filter((each) => each !== workName))
    await rm(join(folder, name), { recursive: true, force: true })
  await discardUpgrade(folder)
}

export async function openUpgradePlace(folder: string, programs: Programs): Promise<UpgradePlace> {
  const work = join(folder, workName)
  const account = await serverAccount(join(work, 'cluster'))
  const dumps = join(work, 'dumps')
  await mkdir(dumps, { recursive: true, mode: 0o700 })
  if (account !== undefined) {
    for (const path of [folder, work]) await chown(path, account.uid, account.gid)
  }
  await chmod(folder, 0o700)
  return {
    ...{ work, dumps, programs, account, wording },
    data: join(work, 'cluster'),
    log: join(work, 'server.log'),
    sockets: await openSocketFolder('upgrade', account),
  }
}

/** Moves the cluster into place, with PG_VERSION last, so that an interrupted move is no cluster. */
export async function adoptCluster(folder: string, { work, data }: UpgradePlace): Promise<void> {
  const names = (await readdir(data)).filter((name) => name !== 'PG_VERSION')
  for (const name of names) await rename(join(data, name), join(folder, name))
  await syncFolder(folder)
  await rename(join(data, 'PG_VERSION'), join(folder, 'PG_VERSION'))
  await rm(work, { recursive: true, force: true })
  await syncFolder(folder)
}
