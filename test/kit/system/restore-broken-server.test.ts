import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { liveVolume } from '../support/stack-database.ts'
import { compose, docker, eventually, ops, request } from '../support/stack.ts'

const person = { name: 'Ada', email: `ada+${randomUUID()}@example.com`, password: 'correct horse battery' }

function signIn() {
  return request('/api/auth/sign-in/email', { method: 'POST', body: person })
}

/** In the data folder, while the server is down. */
function inData(command: string) {
  return compose(
    'run',
    '--rm',
    '--no-deps',
    '-T',
    '--entrypoint',
    'sh',
    'db',
    '-c',
    `cd "$PGDATA" && ${command}`,
  )
}

/** In the volume that was put aside. */
async function inKept(command: string) {
  const image = await docker(
    'inspect',
    '--format',
    '{{.Config.Image}}',
    (await compose('ps', '--quiet', 'db')).trim(),
  )
  return docker(
    'run',
    '--rm',
    '--volume',
    `${healthy}:/data`,
    '--entrypoint',
    'sh',
    image.trim(),
    '-c',
    `cd /data && ${command}`,
  )
}

let healthy = ''

beforeAll(async () => {
  expect((await request('/api/auth/sign-up/email', { method: 'POST', body: person })).status).toBe(200)
  await ops('backup.sh')
  healthy = await liveVolume()
})

afterAll(async () => {
  // Whoever comes next finds a stack that is well, whatever became of this one.
  expect((await request('/api/health/db')).status).toBe(200)
})

it('make restore › of a server that does not start takes an empty volume, and keeps the broken one for restore-undo', async () => {
  await compose('stop', 'db')
  await inData('mv global/pg_control global/pg_control.lost')

  const refused = await ops('restore.sh', ['FROM=latest']).catch((err: unknown) => String(err))
  expect(refused).toContain('the database does not start from its volume')
  expect(await liveVolume()).toBe(healthy)
  const said = await ops('restore.sh', ['FROM=latest'], { YES: '1' })

  expect(said).toContain(`is kept in the volume ${healthy}`)
  expect(await liveVolume()).not.toBe(healthy)
  await eventually(
    'the site is open',
    async () => (await request('/api/health/db')).status === 200 || undefined,
  )
  expect((await signIn()).status).toBe(200)

  await inKept('mv global/pg_control.lost global/pg_control')
  expect(await ops('restore-undo.sh', [], { YES: '1' })).toContain(`the volume of the database is ${healthy}`)
  expect((await signIn()).status).toBe(200)
})
