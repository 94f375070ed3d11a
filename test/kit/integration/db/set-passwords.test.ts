import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkout } from '../../support/spawn-process.ts'
import { openClient } from '../backup/open-client.ts'
import { postgresTools } from '../backup/postgres-tools.ts'
import { openToolsServer, type ToolsServer } from '../backup/tools-server.ts'

const roles = ['migrator', 'app', 'backup', 'monitor'] as const

describe.skipIf(postgresTools === undefined)('the passwords of the roles', () => {
  let server: ToolsServer
  let secrets: string

  beforeAll(async () => {
    // As talkative as an operator may make it.
    const parameters = { logging_collector: 'on', log_statement: 'all', log_min_duration_statement: '0' }
    server = await openToolsServer(postgresTools ?? '', { parameters })
    await server.createDatabase('slipway')
    secrets = mkdtempSync(join(tmpdir(), "slipway secrets it's "))
  })

  afterAll(async () => {
    await server.close()
    rmSync(secrets, { recursive: true })
  })

  const setPasswords = (content: string | Buffer) => {
    for (const role of roles) writeFileSync(join(secrets, `${role}_password`), content)
    const { host, port, password, pathname } = new URL(server.urlFor('postgres', 'postgres'))
    const PATH = `${server.tools}:${process.env['PATH'] ?? ''}`
    const env = {
      PATH,
      PGHOST: host.split(':')[0],
      PGPORT: port,
      PGPASSWORD: decodeURIComponent(password),
      SECRETS: secrets,
    }
    expect(pathname).toBe('/postgres')
    return spawnSync(join(checkout, 'ops/postgres/set-passwords.sh'), { env, encoding: 'utf8' })
  }

  const log = (): string => {
    const folder = join(server.dataFolder, 'log')
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('')
  }

  const signIn = async (role: (typeof roles)[number], password: string): Promise<unknown> => {
    const url = new URL(server.urlFor(role, 'slipway'))
    url.password = encodeURIComponent(password)
    const sql = openClient(url.href)
    try {
      return (await sql`select current_user::text as name`)[0]?.['name']
    } finally {
      await sql.end({ timeout: 5 })
    }
  }

  it.each([
    "it's",
    "'; DROP ROLE app; --",
    '"',
    '\\',
    "\\'",
    '$HOME $(touch p) `touch p`',
    '$$ $1 $body$',
    '%s %(name)s',
    ":'role' :role",
    '\\! touch p',
    '\\q',
    'with a # and a ; in it',
    'two\nlines\n\\q\nmore',
    'two\r\nlines',
    'Pässwörter 🚢',
    '-',
  ])('are what the secrets hold: %j', async (password) => {
    const { status, stderr } = setPasswords(`${password}\n`)

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const role of roles) {
      // As the migrator is the owner after a sign-in.
      expect(await signIn(role, password)).toBe(role === 'migrator' ? 'owner' : role)
    }
    expect(log()).not.toContain(password.split('\n')[0]?.padEnd(3, '\0'))
  })

  it('end with one line end of an editor at the most, of either kind', async () => {
    setPasswords('first\r\n')

    expect(await signIn('app', 'first')).toBe('app')
  })

  it.each([
    ['', 'the secret migrator_password is empty'],
    ['\n', 'the secret migrator_password is empty'],
    ['before\n\n', 'white space'],
    [' before', 'white space'],
    ['before\r', 'white space'],
  ])('that no reader takes alike are refused: %j', (content, sentence) => {
    const { status, stderr } = setPasswords(content)

    expect(status).toBe(1)
    expect(stderr).toContain(sentence)
    expect(stderr).not.toContain('before')
  })

  it('that the server refuses stand in no message and no log', () => {
    const { status, stderr } = setPasswords(Buffer.from('overboard\xff', 'latin1'))

    expect(status).toBe(1)
    expect(stderr).toContain('the server did not take the secret migrator_password')
    expect(stderr).not.toContain('overboard')
    expect(log()).not.toContain('overboard')
  })
})
