import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeCluster } from '../../../src/kit/postgres/make-cluster.ts'
import type { ServerPlace } from '../../../src/kit/postgres/server-program.ts'
import { randomPassword } from './random-password.ts'
import { openRunFolder } from './run-folder.ts'

const run = promisify(execFile)

/** Not yet under its name: a template appears whole, and of two processes that make the same one the first wins. */
async function makeTemplate(place: ServerPlace, access: Access, template: string): Promise<void> {
  const partial = `${template}.${randomUUID()}`
  await mkdir(partial, { recursive: true })
  // The account of the server goes through.
  await chmod(partial, 0o711)
  const superuserPassword = randomPassword()
  await writeFile(join(partial, 'password'), superuserPassword, { mode: 0o600 })
  await makeCluster(
    { ...place, data: join(partial, 'data'), log: join(partial, 'log') },
    {
      ...(access === 'password' ? { superuserPassword } : {}),
      isDurable: false,
      explainEnd: (lines) => new Error(lines.join('\n')),
    },
  )
  await rename(partial, template).catch(async (err: unknown) => {
    if (!existsSync(template)) throw err
    await rm(partial, { recursive: true })
  })
}

type Access = 'password' | 'trust'

/**
 * Makes the data folder of the place as initdb does, by a copy of what initdb made once in this run: a tenth of its CPU time.
 * Two clusters of the same programs have the same system identifier. Returns the password of the superuser.
 */
export async function newCluster(place: ServerPlace, access: Access = 'password'): Promise<string> {
  const name = createHash('sha256')
    .update(JSON.stringify([place.programs.folder, access]))
    .digest('hex')
  const templates = join(await openRunFolder(), 'clusters')
  await mkdir(templates, { recursive: true })
  const template = join(templates, name)
  if (!existsSync(template)) await makeTemplate(place, access, template)
  await run('cp', ['-a', '--reflink=auto', join(template, 'data'), place.data])
  return readFile(join(template, 'password'), 'utf8')
}
