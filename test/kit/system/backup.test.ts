import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { proof } from '#app/proof'
import { compose, eventually, ops, request, stack } from '../support/stack.ts'

function backups() {
  return join(stack().folder, 'backups')
}

function complete() {
  return readdirSync(backups()).filter((name) => /^\d{8}T\d{6}Z-/.test(name) && !name.includes('partial'))
}

async function takeBackup() {
  return /\d{8}T\d{6}Z-\w+/.exec(await ops('backup.sh'))?.[0] ?? 'no name was printed'
}

async function sql(statement: string) {
  return (
    await compose('exec', '-T', 'db', 'psql', '--username=postgres', '--dbname=slipway', '-XAtc', statement)
  ).trim()
}

function privilege(name: string) {
  return `SELECT has_table_privilege('app', '${proof.row.table}', '${name}')`
}

const body = {
  name: 'Bo',
  email: `bo+${randomUUID()}@example.com`,
  password: 'correct horse battery staple',
}

function signIn() {
  return request('/api/auth/sign-in/email', { method: 'POST', body })
}

beforeAll(async () => {
  const answer = await request('/api/auth/sign-up/email', { method: 'POST', body })
  expect(answer.status, answer.text).toBe(200)
})

describe('backup and restore', () => {
  it('make backup, change rows, make restore › brings them back, and the API answers again', async () => {
    const name = await takeBackup()
    expect(complete()).toContain(name)
    await sql(`DELETE FROM "user" WHERE email = '${body.email}'`)
    expect((await signIn()).status).toBe(401)

    const said = await ops('restore.sh', [name, '--yes', '--drop-older'])

    const answer = await eventually('a sign-in', async () => {
      const attempt = await signIn()
      return attempt.status === 200 ? attempt : undefined
    })
    expect(answer.status).toBe(200)
    expect(said).toContain('the API is ready')
    // What the API may do came back with the rows.
    expect(await sql(privilege('insert'))).toBe('t')
    expect(await sql(privilege('truncate'))).toBe('f')
    expect(await sql("SELECT has_schema_privilege('app', 'public', 'create')")).toBe('f')
    // `make roles` finds nothing that stands in its way.
    await compose(
      'exec',
      '-T',
      'db',
      'psql',
      '--username=postgres',
      '--dbname=slipway',
      '--quiet',
      '--set=ON_ERROR_STOP=1',
      '--file=/etc/slipway/roles.sql',
    )
  })

  it('make backup › on a terminal, which the container then has too, ends the same', () => {
    const { root, envFile, project } = stack()

    const shown = execFileSync(
      'script',
      ['--quiet', '--return', '--command', join(root, 'ops/backup.sh'), '/dev/null'],
      {
        env: { ...process.env, ENV_FILE: envFile, COMPOSE_PROJECT_NAME: project },
        encoding: 'utf8',
        input: '',
      },
    )

    expect(complete()).toContain(shown.trimEnd().split(/\s/).at(-1))
  })

  it('make restore › without an answer changes nothing', async () => {
    const before = await sql('SELECT oid FROM pg_database WHERE datname = current_database()')

    await expect(ops('restore.sh', ['latest'])).rejects.toThrow(/nobody is there to answer/)

    expect(await sql('SELECT oid FROM pg_database WHERE datname = current_database()')).toBe(before)
  })

  it('make restore › of a truncated dump is refused and leaves the database as it was', async () => {
    const name = await takeBackup()
    const dump = readdirSync(join(backups(), name)).find((file) => file.startsWith('database.dump')) ?? ''
    const path = join(backups(), name, dump)
    truncateSync(path, Math.floor(readFileSync(path).length / 2))
    const before = await sql('SELECT oid FROM pg_database WHERE datname = current_database()')

    await expect(ops('restore.sh', [name, '--yes'])).rejects.toThrow(/error: /)

    expect(await sql('SELECT oid FROM pg_database WHERE datname = current_database()')).toBe(before)
    expect(await sql("SELECT count(*) FROM pg_database WHERE datname LIKE '%_restore_%'")).toBe('0')
    expect((await signIn()).status).toBe(200)
  })

  it('make backup › with the database away exits non-zero with a reason, and leaves nothing that looks like a backup', async () => {
    const before = complete()
    await compose('stop', 'db')
    try {
      await expect(ops('backup.sh')).rejects.toThrow(/error: /)
    } finally {
      await compose('up', '--detach', '--wait', '--no-build', 'db')
    }

    expect(complete()).toEqual(before)
    await eventually('the database', async () => {
      const answer = await request('/api/health/db')
      return answer.status === 200 ? answer : undefined
    })
  })
})
