import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openOpsCopy, type OpsCopy } from '../../support/ops-copy.ts'

let copy: OpsCopy
let outside: string

beforeEach(() => {
  copy = openOpsCopy()
  mkdirSync(join(copy.root, 'home'))
  outside = join(copy.root, 'home', "authority it's.pem")
  writeFileSync(outside, 'the authority\n')
})
afterEach(() => copy.close())

function provide(env: Record<string, string>, dotenv = '') {
  writeFileSync(join(copy.root, '.env'), dotenv)
  const { status, stderr } = spawnSync(join(copy.root, 'ops/provide-ca.sh'), {
    env: {
      PATH: `${join(copy.root, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: join(copy.root, 'home'),
      ...env,
    },
    encoding: 'utf8',
  })
  return { status, stderr }
}
function copied() {
  return readFileSync(join(copy.root, '.data/build/ca.pem'), 'utf8')
}

it('the build secret of Compose is a file inside the checkout', () => {
  const compose = readFileSync(join(copy.root, 'compose.prod.yaml'), 'utf8')

  expect(compose).toContain('\n  secrets: [ca]\n')
  expect(compose).toContain('\n  ca: { file: ./.data/build/ca.pem }\n')
})

it.each([
  ['CA_FILE of the environment', () => ({ CA_FILE: outside, NODE_EXTRA_CA_CERTS: '/nowhere' }), ''],
  ['CA_FILE of .env, from its folder', () => ({}), "CA_FILE=home/authority it's.pem\n"],
  ['CA_FILE of .env, in the home folder', () => ({}), "CA_FILE=~/authority it's.pem\n"],
  ['NODE_EXTRA_CA_CERTS', () => ({ NODE_EXTRA_CA_CERTS: outside }), 'CA_FILE=\n'],
])('copies the authority that is named by %s', (_what, env, dotenv) => {
  expect(provide(env(), dotenv)).toEqual({ status: 0, stderr: '' })

  expect(copied()).toBe('the authority\n')
})

it.each([
  ['nothing is named', {}],
  ['the file of NODE_EXTRA_CA_CERTS is not there', { NODE_EXTRA_CA_CERTS: '/nowhere/ca.pem' }],
])('empties the copy when %s', (_what, env) => {
  provide({ CA_FILE: outside })

  expect(provide(env)).toEqual({ status: 0, stderr: '' })

  expect(copied()).toBe('')
})

it.each(['/nowhere/ca.pem', '.'])('refuses a CA_FILE that is no file (%s), and keeps the copy', (file) => {
  provide({ CA_FILE: outside })

  const { status, stderr } = provide({}, `CA_FILE=${file}\n`)

  expect(status).toBe(1)
  expect(stderr).toContain(`error: CA_FILE names ${file}, which is no file that you may read\nhint: `)
  expect(copied()).toBe('the authority\n')
})
