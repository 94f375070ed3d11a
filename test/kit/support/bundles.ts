import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { applicationOfProcess, migrationsOf, type ApplicationName } from './applications.ts'
import { openRunFolder } from './run-folder.ts'

const checkout = fileURLToPath(new URL('../../..', import.meta.url))
const variable = 'TEST_BUNDLES'

/**
 * Bundles the processes of the images, as their Dockerfile does, for the tests of this run: a bundle starts with a fifth of the
 * CPU time that the sources and their packages take. Workers inherit the variable.
 */
export async function openBundles(): Promise<void> {
  if (process.env[variable] !== undefined) return
  const folder = join(await openRunFolder(), 'bundles')
  await mkdir(folder)
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  const build = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['ops/build.ts', ...args], { cwd: checkout })
  await Promise.all([build(folder), build(join(folder, 'fixture'), 'fixture')])
  await cp(migrationsOf.fixture, join(folder, 'fixture/migrations'), { recursive: true })
  process.env[variable] = folder
}

/**
 * Path of the bundled process `name`, for instance `server`, with the application in it. Throws when openBundles() was not
 * called in this run.
 */
export function bundleOf(name: string, application = applicationOfProcess()): string {
  const folder = process.env[variable]
  if (folder === undefined) throw new Error(`${variable} is not set: call openBundles() first`)
  return join(folder, application === 'fixture' ? 'fixture' : '.', `${name}.js`)
}

/** Working folder of a bundled process: the one where the migrations of its application are. */
export function bundleHome(application: ApplicationName): string {
  return application === 'fixture' ? dirname(bundleOf('server', 'fixture')) : checkout
}
