import { chmodSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { beforeAll, expect, it } from 'vitest'

import { compose, docker, ops, request, stack } from '../support/stack.ts'
import { until } from '../support/until.ts'

const secrets = new Map<string, string>()

beforeAll(() => {
  const folder = join(stack().folder, 'secrets')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name)
    if (statSync(path).isFile()) secrets.set(name, readFileSync(path, 'utf8').trim())
  }
})

function expectNoSecretIn(where: string, text: string): void {
  const seen = [...secrets].filter(([, value]) => value !== '' && text.includes(value)).map(([name]) => name)
  expect(seen, where).toEqual([])
}

it('secrets › are long, random and one per reader', () => {
  expect([...secrets.keys()].sort()).toEqual([
    'api/app_password',
    'api/auth_secret',
    'backup/age_identity',
    'backup/age_recipients',
    'backup/backup_password',
    'backup/heartbeat_url',
    'backup/offsite_access_key_id',
    'backup/offsite_secret_access_key',
    'backup/repo_cipher_pass',
    'db/app_password',
    'db/backup_password',
    'db/migrator_password',
    'db/monitor_password',
    'db/offsite_access_key_id',
    'db/offsite_secret_access_key',
    'db/repo_cipher_pass',
    'migrate/migrator_password',
    'postgres-exporter/monitor_password',
    'restore/age_identity',
    'restore/migrator_password',
    'restore/repo_cipher_pass',
  ])
  // Nobody has an account for off-site storage until it is written there.
  const made = [...secrets].filter(([name]) => !/offsite|heartbeat|age_/.test(name)).map(([, value]) => value)
  for (const value of made) expect(value).toMatch(/^[0-9a-f]{64}$/)
  expect(new Set(made).size).toBe(6)
  expect(secrets.get('backup/age_identity')).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/)
  expect(secrets.get('restore/age_identity')).toBe(secrets.get('backup/age_identity'))
  expect(secrets.get('backup/age_recipients')?.split('\n')).toHaveLength(2)
})

it('setup › after an update of the kit gives a new reader what the others of its set have', async () => {
  const path = join(stack().folder, 'secrets', 'restore', 'migrator_password')
  rmSync(path)

  await ops('setup.sh')

  expect(readFileSync(path, 'utf8')).toBe(secrets.get('migrate/migrator_password'))
  expect(`${statSync(path).uid} ${(statSync(path).mode & 0o777).toString(8)}`).toBe('999 400')
})

it('secrets › can be read by their owner alone, in folders closed to others', () => {
  for (const name of secrets.keys()) {
    const file = statSync(join(stack().folder, 'secrets', name))
    expect(`${name} ${(file.mode & 0o777).toString(8)}`).toBe(`${name} 400`)
  }
  expect((statSync(join(stack().folder, 'secrets')).mode & 0o777).toString(8)).toBe('700')
})

it('secrets › stand in no docker inspect', async () => {
  const ids = (await compose('ps', '--all', '--quiet')).split('\n').filter(Boolean)

  expectNoSecretIn('docker inspect', await docker('inspect', ...ids))
})

it('secrets › stand in no log, also after a sign-in that failed', async () => {
  const password = 'a-password-nobody-may-read-8c1f'
  const answer = await request('/api/auth/sign-in/email', {
    method: 'POST',
    body: { email: 'nobody@example.com', password },
  })

  // The API writes its lines up to a quarter of a second later.
  const logs = await until('the line of the sign-in', async () => {
    const text = await compose('logs', '--no-color')
    return text.includes('/api/auth/') && text
  })

  expect(answer.status).toBe(401)
  expectNoSecretIn('logs', logs)
  expect(logs).not.toContain(password)
})

it('secrets › stand in no image and in no argument of a process', async () => {
  const images = (await compose('images', '--format', 'json')).trim()
  const ids = (JSON.parse(images) as { ID: string }[]).map(({ ID }) => ID)
  for (const id of new Set(ids)) expectNoSecretIn(id, await docker('history', '--no-trunc', id))
  const running = (await compose('ps', '--quiet')).split('\n').filter(Boolean)
  for (const id of running) expectNoSecretIn(id, await docker('top', id, '-o', 'pid,args'))
})

it('setup › run again changes no secret and no setting', async () => {
  const before = readFileSync(stack().envFile, 'utf8')

  await ops('setup.sh')

  expect(readFileSync(stack().envFile, 'utf8')).toBe(before)
  for (const [name, value] of secrets) {
    expect(readFileSync(join(stack().folder, 'secrets', name), 'utf8').trim()).toBe(value)
  }
})

it('setup › lets the containers read what a checkout under umask 027 closes to them, and git the folder of the backups', async () => {
  const { root, folder } = stack()
  const mounted = join(root, 'site', 'style.css')
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
  chmodSync(mounted, 0o640)

  await ops('setup.sh')

  expect(mode(mounted)).toBe('644')
  expect(mode(join(folder, 'backups'))).toBe('770')
  expect(statSync(join(folder, 'backups')).uid).toBe(process.getuid?.())
  expect(statSync(join(folder, 'backups')).gid).toBe(10_001)
})

it('development › has a project of its own, and no plain `docker compose up` of it lands in that of production', async () => {
  const { root, project } = stack()
  const plain = ['--project-name', project, '--project-directory', root, '--file', join(root, 'compose.yaml')]

  const model: unknown = JSON.parse(await ops('dev-compose.sh', ['config', '--format', 'json']))

  expect(model).toMatchObject({
    name: `${project}-dev`,
    services: { db: { image: `${project}-dev/postgres` } },
    volumes: { pgdata: { name: `${project}-dev_pgdata` } },
  })
  await expect(docker('compose', ...plain, 'config')).rejects.toThrow('start it with npm run dev')
})
