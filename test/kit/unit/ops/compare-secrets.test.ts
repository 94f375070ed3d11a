import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

let copy: OpsCopy

beforeEach(() => {
  copy = openOpsCopy()
  writeFileSync(join(copy.root, '.env'), '')
})
afterEach(() => copy.close())

function compare(db: string, api: string) {
  const secrets = join(copy.root, 'secrets')
  for (const reader of ['db', 'api']) mkdirSync(join(secrets, reader), { recursive: true })
  writeFileSync(join(secrets, 'db/app_password'), db)
  writeFileSync(join(secrets, 'api/app_password'), api)
  return copy.start('compare-secrets.sh', [secrets, 'db/app_password api/app_password']).ended
}

describe('the files of one secret', () => {
  it.each([
    ['the same value', 'value', 'value'],
    ['the same value, one with the line end of an editor', 'value\n', 'value'],
    [
      'quotes, $ and backslashes',
      `it's "a" $b\\n`.replaceAll(' ', '_'),
      `it's "a" $b\\n`.replaceAll(' ', '_'),
    ],
  ])('%s › are accepted', async (_what, db, api) => {
    expect(await compare(db, api)).toEqual({ code: 0, said: '' })
  })

  it.each([
    [
      'different values',
      'value',
      'other',
      'secrets/api/app_password holds another value than secrets/db/app_password',
    ],
    ['one that is empty', 'value', '', 'secrets/api/app_password is empty'],
    ['one with nothing but a line end', '\n', 'value', 'secrets/db/app_password is empty'],
    [
      'one with a blank before it',
      ' value',
      'value',
      'secrets/db/app_password begins or ends with white space',
    ],
    [
      'one with two line ends',
      'value',
      'value\n\n',
      'secrets/api/app_password begins or ends with white space',
    ],
    ['one with a NUL character', 'val\0ue', 'value', 'secrets/db/app_password holds a NUL character'],
    [
      'one with a blank behind it',
      'value ',
      'value',
      'secrets/db/app_password begins or ends with white space',
    ],
  ])('%s › are refused, without the value', async (_what, db, api, problem) => {
    const { code, said } = await compare(db, api)

    expect(code).toBe(1)
    expect(said).toContain(`error: ${problem}`)
    expect(said).not.toContain('value\n')
  })
})

describe('a folder in the place of a secret', () => {
  it('is refused with its name', async () => {
    const secrets = join(copy.root, 'secrets')
    mkdirSync(join(secrets, 'db/app_password'), { recursive: true })

    const { code, said } = await copy.start('compare-secrets.sh', [secrets, 'db/app_password']).ended

    expect(code).toBe(1)
    expect(said).toMatch(/^error: secrets\/db\/app_password is no file\nhint: /)
  })
})

describe('a password that the database refuses', () => {
  it('is named with its role and its file', async () => {
    copy.engine(`case "$*" in *' run '*) echo app ;; esac`)

    const { code, said } = await copy.start('check-passwords.sh').ended

    expect(code).toBe(1)
    expect(said).toMatch(
      /^error: the database refuses the password of the role app, in secrets\/db\/app_password\n/,
    )
    expect(said).toContain('hint: put the earlier files back')
  })

  it.each([
    ['role "app" is not permitted to log in', 0],
    ['too many connections for role "app"', 0],
    ['permission denied for database "slipway"', 0],
    ['sorry, too many clients already', 1],
  ])('a role that is refused for another reason › %s › ends with %i', async (reason, expected) => {
    copy.engine(`if [[ "$*" == *' run '* ]]; then
      psql() { echo 'FATAL:  ${reason}' >&2; return 2; }
      export -f psql
      bash -c "\${@: -1}"
    fi`)

    const { code, said } = await copy.start('check-passwords.sh').ended

    expect({ code, names: said.includes('refuses the password') }).toEqual({ code: expected, names: false })
  })

  it('a database that cannot be asked › is not taken for one that agrees', async () => {
    copy.engine(`[[ "$*" != *' run '* ]]`)

    expect((await copy.start('check-passwords.sh').ended).code).toBe(1)
  })

  it('ends make up before anything migrates', async () => {
    copy.engine(`case "$*" in *' run '*bash*) echo app ;; *' ps '*) echo an-id ;; esac`)

    const { code, said } = await copy.start('before-migration.sh').ended

    expect(code).toBe(1)
    expect(said).toContain('error: the database refuses the password of the role app')
    expect(copy.asked().filter((line) => / migrate /.test(line))).toEqual([])
  })
})
