import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'

function openCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), "slipway it's 🚢 "))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const folder of ['ops/postgres', 'src/db', 'migrations', 'patches'])
    mkdirSync(join(root, folder), { recursive: true })
  copyFileSync('ops/code-hash.sh', join(root, 'ops/code-hash.sh'))
  for (const file of ['src/db/a b.ts', 'migrations/0000_a.sql', 'package.json', 'package-lock.json'])
    writeFileSync(join(root, file), 'as it was')
  return root
}

function hash(root: string): string {
  return execFileSync(join(root, 'ops/code-hash.sh'), { encoding: 'utf8' })
}

it.each([
  ['a changed source file', 'src/db/a b.ts'],
  ['a new source file', 'src/db/new.ts'],
  ['a new migration', 'migrations/0001_b.sql'],
  ['a changed lockfile', 'package-lock.json'],
  ['a new patch', 'patches/driver.patch'],
])('%s gives another hash', (_, file) => {
  const root = openCheckout()
  const before = hash(root)

  writeFileSync(join(root, file), 'as it is now')

  expect(hash(root)).not.toBe(before)
})

it('files that the embedded API does not run leave the hash as it is', () => {
  const root = openCheckout()
  const before = hash(root)

  writeFileSync(join(root, 'README.md'), 'new')
  writeFileSync(join(root, 'ops/up.sh'), 'new')

  expect(hash(root)).toBe(before)
})
