import { chown, mkdir, rename, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { AppError } from '../errors.ts'
import type { ServerAccount } from './server-account.ts'
import { exitOf, lastLines, runInPlace, type Place } from './server-place.ts'

interface ClusterSettings {
  superuserPassword: string
  /** false for throw-away servers: no fsync. */
  durable: boolean
}

const ownFolder = async (path: string, account: ServerAccount): Promise<void> => {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (account !== undefined) await chown(path, account.uid, account.gid)
}

/** Makes the data folder: checksums, UTF-8, and a password for everybody. */
export const initCluster = async (
  place: Place,
  settings: ClusterSettings,
  log: FileHandle,
): Promise<void> => {
  const partial = `${place.data}.partial`
  const passwordFile = `${place.data}.password`
  await rm(partial, { recursive: true, force: true })
  await ownFolder(partial, place.account)
  await writeFile(passwordFile, `${settings.superuserPassword}\n`, { mode: 0o600 })
  if (place.account !== undefined) await chown(passwordFile, place.account.uid, place.account.gid)
  const child = await runInPlace(
    place.binaries.initdb,
    [
      `--pgdata=${partial}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      process.platform === 'darwin' ? '--locale=en_US.UTF-8' : '--locale=C.UTF-8',
      '--data-checksums',
      ...(settings.durable ? [] : ['--no-sync']),
    ],
    place,
    log,
  )
  const code = await exitOf(child)
  await rm(passwordFile, { force: true })
  if (code !== 0) throw new AppError('internal', 'initdb failed', { hint: await lastLines(place.log) })
  // The name appears only when the folder is whole: an interrupted initdb is repeated, not started.
  await rename(partial, place.data)
}
