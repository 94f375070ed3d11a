import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { proof } from '#app/proof'
import { compose, eventually, ops, request, stack } from '../support/stack.ts'

async function psql(database: string, statement: string) {
  return (
    await compose(
      'exec',
      '-T',
      'db',
      'psql',
      '--username=postgres',
      `--dbname=${database}`,
      '-XAtc',
      statement,
    )
  ).trim()
}
function sql(statement: string) {
  return psql('slipway', statement)
}
async function databases() {
  return (await psql('postgres', 'SELECT datname FROM pg_database ORDER BY 1')).split('\n')
}

const yes = { YES: '1' }
function restore(...args: string[]) {
  return ops('restore.sh', args, yes)
}
function undo() {
  return ops('restore-undo.sh', [], yes)
}

function person(name: string) {
  return {
    name,
    email: `${name}+${randomUUID()}@example.com`,
    password: 'correct horse battery staple',
  }
}
const before = person('before')
const after = person('after')

function signUp(body: object) {
  return request('/api/auth/sign-up/email', { method: 'POST', body })
}
async function canSignIn(body: object) {
  return (await request('/api/auth/sign-in/email', { method: 'POST', body })).status === 200
}
async function isOpen() {
  return (await request('/api/health/db')).status === 200
}

let backup = ''

/** What a visitor gets while `work` runs. */
async function visit<T>(work: Promise<T>): Promise<{ done: T; codes: Set<string> }> {
  const codes = new Set<string>()
  const over = new AbortController()
  const visiting = (async () => {
    while (!over.signal.aborted) {
      const answer = await request('/api/health/db')
      codes.add(`${answer.status} ${(answer.json() as { code?: string }).code ?? ''}`.trim())
    }
  })()
  try {
    return { done: await work, codes }
  } finally {
    over.abort()
    await visiting
  }
}

beforeAll(async () => {
  expect((await signUp(before)).status).toBe(200)
  backup = /\d{8}T\d{6}Z-\w+/.exec(await ops('backup.sh'))?.[0] ?? ''
  expect((await signUp(after)).status).toBe(200)
})

beforeEach(async () => {
  await eventually('an open site', async () => ((await isOpen()) ? true : undefined))
})

afterAll(async () => {
  for (const name of (await databases()).filter((each) => each.startsWith('slipway_') || each === 'beside'))
    await psql('postgres', `DROP DATABASE "${name}" WITH (FORCE)`)
})

it('make restore, make restore-undo, and once more › behind the maintenance page, nothing is lost either way', async () => {
  const { done: said, codes } = await visit(restore(`FROM=${backup}`))

  expect(said).toMatch(/restored .* rows compared with the manifest/)
  expect(said).toContain('the API is ready')
  expect([...codes]).toContain('503 maintenance')
  expect(await isOpen()).toBe(true)
  expect([await canSignIn(before), await canSignIn(after)]).toEqual([true, false])

  expect(await undo()).toContain('the API is ready')
  expect([await canSignIn(before), await canSignIn(after)]).toEqual([true, true])

  await undo()
  expect([await canSignIn(before), await canSignIn(after)]).toEqual([true, false])
  await undo()
})

it('make restore TABLE= › fetches rows beside the live database, and the printed command puts them back', async () => {
  await sql(`DELETE FROM "user" WHERE email = '${before.email}'`)

  const said = await restore(`FROM=${backup}`, 'TABLE=public.user', 'INTO=beside')
  const [, command = ''] = /to put rows that are missing.*\n((?:.*\n){2})/.exec(said) ?? []

  expect(await psql('beside', `SELECT count(*) FROM "user" WHERE email = '${before.email}'`)).toBe('1')
  expect(await sql(`SELECT count(*) FROM "user" WHERE email = '${before.email}'`)).toBe('0')
  expect(command).toContain('--on-conflict-do-nothing')
  await expect(restore(`FROM=${backup}`, 'INTO=beside')).rejects.toThrow(
    /there is a database 'beside' already/,
  )
  expect(await isOpen()).toBe(true)
})

it('make restore › of rows that the image cannot migrate goes back by itself, and the site opens', async () => {
  await sql("UPDATE drizzle.__drizzle_migrations SET hash = 'edited'")
  const edited = /\d{8}T\d{6}Z-\w+/.exec(await ops('backup.sh'))?.[0] ?? ''
  await restore(`FROM=${backup}`)
  const oid = await sql('SELECT oid FROM pg_database WHERE datname = current_database()')

  const failed = restore(`FROM=${edited}`)

  await expect(failed).rejects.toThrow(/what is live now does not get ready: going back/)
  expect(await sql('SELECT oid FROM pg_database WHERE datname = current_database()')).toBe(oid)
  expect(await isOpen()).toBe(true)
  expect(await canSignIn(before)).toBe(true)
})

/** A block of docs/how-to/restore.md as a user types it, against the stack of the tests. */
async function typed(script: string): Promise<string> {
  const { project, root, envFile } = stack()
  const prefix = `compose="docker compose --project-name ${project} --file ${root}/compose.prod.yaml --env-file ${envFile}"`
  const { stdout } = await promisify(execFile)('bash', [
    '--norc',
    '-euo',
    'pipefail',
    '-c',
    `${prefix}\n${script}`,
  ])
  return stdout
}

it('make restore › of an extension that a superuser alone may create is refused, and the documented way by hand works', async () => {
  await sql('CREATE EXTENSION pg_buffercache')
  const name = /\d{8}T\d{6}Z-\w+/.exec(await ops('backup.sh'))?.[0] ?? ''

  await expect(restore(`FROM=${name}`)).rejects.toThrow(
    /a superuser alone may create: extension pg_buffercache/,
  )
  const guide = readFileSync(join(stack().root, 'docs/how-to/restore.md'), 'utf8')
  const block = /superuser alone may create[^]*?```\n([^]*?)```/.exec(guide)?.[1] ?? ''
  const byHand = block.replaceAll(/^\$ /gm, '').split('make maintenance')[0] ?? ''
  await typed(byHand.replace(/^compose=.*$/m, '').replace('NAME', name))

  expect(await psql('by_hand', `SELECT count(*) FROM "user" WHERE email = '${before.email}'`)).toBe('1')
  expect(await psql('by_hand', `SELECT has_table_privilege('app', '${proof.row.table}', 'insert')`)).toBe('t')
  await psql('postgres', 'DROP DATABASE by_hand')
  await sql('DROP EXTENSION pg_buffercache')
  expect(await isOpen()).toBe(true)
})

it('make restore › works when the API is down and the database is gone', async () => {
  await compose('stop', 'api')
  await psql('postgres', 'DROP DATABASE slipway WITH (FORCE)')

  const said = await restore(`FROM=${backup}`)
  await compose('up', '--detach', '--wait', 'api')

  expect(said).toContain('makes     database slipway, which is not there')
  expect(said).toContain('the API is not running: make up starts it')
  expect(await canSignIn(before)).toBe(true)
})
