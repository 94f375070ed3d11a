import { chmod, chown, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { stopOrphan } from '../../postgres/postmaster-pid.ts'
import { serverAccount } from '../../postgres/server-account.ts'
import { CommandError } from '../../errors.ts'
import type { Programs } from '../../postgres/run-program.ts'
import type { DisposablePlace } from '../../postgres/disposable-server.ts'
import { openSocketFolder } from '../../postgres/socket-folder.ts'
import { syncFolder } from '../../host/durable-file.ts'

/** Everything is made in here, and moved to the top when it is whole: a folder without PG_VERSION is no cluster. */
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

/** Takes away what is half made, its server first. */
export async function discardUpgrade(folder: string): Promise<void> {
  await stopOrphan(join(folder, workName, 'cluster'))
  // Again and again for ten seconds: initdb and pg_dump of a run that was killed write on until they notice.
  await rm(join(folder, workName), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
}

/** What was moved to the top before a kill is ours too, as long as the work folder is there and PG_VERSION is not. */
function isOurs(names: string[]): boolean {
  return names.length === 0 || (names.includes(workName) && !names.includes('PG_VERSION'))
}

/** Takes away what a killed upgrade left; a folder that holds anything else is refused. */
export async function sweepUpgrade(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const names = (await readdir(folder)).filter((name) => name !== 'lost+found')
  if (!isOurs(names)) {
    throw new CommandError('refused', `${folder} is not empty: a server is upgraded into a new folder only`, {
      hint: 'name another folder',
    })
  }
  // The work folder last: it is what says that the rest is ours.
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

/** Whatever happens between, PG_VERSION comes last. */
export async function adoptCluster(folder: string, { work, data }: UpgradePlace): Promise<void> {
  const names = (await readdir(data)).filter((name) => name !== 'PG_VERSION')
  for (const name of names) await rename(join(data, name), join(folder, name))
  await syncFolder(folder)
  await rename(join(data, 'PG_VERSION'), join(folder, 'PG_VERSION'))
  await rm(work, { recursive: true, force: true })
  await syncFolder(folder)
}
