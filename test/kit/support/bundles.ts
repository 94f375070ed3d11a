import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
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
  await promisify(execFile)(process.execPath, ['ops/build.ts', folder], { cwd: checkout })
  process.env[variable] = folder
}

/** Path of the bundled process `name`, for instance `server`. Throws when openBundles() was not called in this run. */
export function bundleOf(name: string): string {
  const folder = process.env[variable]
  if (folder === undefined) throw new Error(`${variable} is not set: call openBundles() first`)
  return join(folder, `${name}.js`)
}
