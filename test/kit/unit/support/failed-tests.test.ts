import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

const failing = `import { beforeAll, describe, expect, it } from 'vitest'
it('passes', () => undefined)
it('keeps what it was given', () => expect('one').toBe('two'))
describe('a group', () => {
  beforeAll(() => { throw new Error('no server\\nsecond line') })
  it('never runs', () => undefined)
})
setTimeout(() => { throw new Error('thrown outside') })
await new Promise((resolve) => setTimeout(resolve, 50))
`

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway failed-tests-'))
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
  await writeFile(join(home, 'failing.test.ts'), failing)
  await writeFile(join(home, 'broken.test.ts'), "throw new Error('cannot be imported')\n")
})
afterAll(() => rm(home, { recursive: true }))

it('ends a failed run with each failed test and the first line of its error', () => {
  const reporter = join(root, 'test/kit/support/failed-tests.ts')
  const args = ['run', '--root', home, '--reporter', 'default', '--reporter', reporter]

  const run = spawnSync('node_modules/.bin/vitest', args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })

  expect(run.stderr.slice(run.stderr.indexOf('\nfailed ('))).toBe(`
failed (4)
  broken.test.ts
    cannot be imported
  failing.test.ts › a group
    no server
  failing.test.ts › keeps what it was given
    expected 'one' to be 'two' // Object.is equality
  outside of a test
    thrown outside
`)
})
