import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findNewFiles } from '../../../../src/migrate/lint/find-new-files.ts'

let root: string
let folder: string

const git = (...args: string[]): string => {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false']
  return execFileSync('git', ['-C', root, ...identity, ...args], { encoding: 'utf8' }).trim()
}

const commit = (name: string): void => {
  writeFileSync(join(folder, name), 'SELECT 1;')
  git('add', '--all')
  git('commit', '--quiet', '--message', name)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'slipway lint "é" '))
  folder = join(root, 'some where', 'migrations')
  mkdirSync(folder, { recursive: true })
})

afterEach(() => rmSync(root, { recursive: true }))

describe('new migrations', () => {
  test('are those that the base branch lacks: committed, staged or untracked', async () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('0000_first.sql')
    git('checkout', '--quiet', '-b', 'work')
    commit('0001_it\'s "new" ü.sql')
    writeFileSync(join(folder, '0002_untracked.sql'), 'SELECT 2;')

    const { names, base } = await findNewFiles(folder)

    expect(names).toEqual(['0001_it\'s "new" ü.sql', '0002_untracked.sql'])
    expect(base).toBe(git('rev-parse', 'main'))
  })

  test('are not those that only the base branch has got since', async () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('0000_first.sql')
    git('branch', 'work')
    commit('0001_merged_meanwhile.sql')
    git('checkout', '--quiet', 'work')
    commit('0001_mine.sql')

    expect((await findNewFiles(folder, 'main')).names).toEqual(['0001_mine.sql'])
  })

  test('are all of them where there is no repository', async () => {
    writeFileSync(join(folder, '0000_first.sql'), 'SELECT 1;')

    expect(await findNewFiles(folder)).toEqual({ names: ['0000_first.sql'], base: undefined })
  })

  test('cannot be told when the named base is unknown', async () => {
    git('init', '--quiet', '--initial-branch', 'main')
    commit('0000_first.sql')

    await expect(findNewFiles(folder, 'no-such-branch')).rejects.toThrow(
      'shares no commit with no-such-branch',
    )
  })
})
